namespace SyncAgent.Journal.Planning;

/// <summary>
/// Derives the next step from desired and remote. Pure: no clock, no I/O, no order of operations to replay. Repeating it after
/// each confirmed step ends in <see cref="Step.Done"/>, whatever renames, exchanges and re-creations lie between.
/// </summary>
public static class Planner
{
    /// <summary>The next step of a node.</summary>
    public static Step Next(PlanInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var node = input.Node;
        if (node.Parent == 0) return new Step.Done();
        return node.Type switch
        {
            NodeType.Directory => Directory(input),
            NodeType.File => File(input),
            _ => NodeAlone(input),
        };
    }

    /// <summary>The next step of a doomed key.</summary>
    /// <param name="confirmedHere">Live nodes whose confirmed object stands under the key.</param>
    /// <param name="wantedBy">The live node that wants the key, or null.</param>
    public static DoomedStep Next(IReadOnlyList<NodeRow> confirmedHere, NodeRow? wantedBy)
    {
        ArgumentNullException.ThrowIfNull(confirmedHere);
        if (wantedBy is not null && confirmedHere.Any(node => node.Id == wantedBy.Id)) return DoomedStep.Drop;
        if (confirmedHere.Count > 0) return DoomedStep.Wait;
        if (wantedBy is not { } wanted || !WillOverwrite(wanted)) return DoomedStep.Delete;
        return wanted.Type == NodeType.File && !SendsContent(wanted) ? DoomedStep.Yield : DoomedStep.Wait;
    }

    private static Step File(PlanInput input)
    {
        var node = input.Node;
        var remote = node.Remote;
        if (SendsContent(node)) return Blocked(input) ?? new Step.SendContent(node.Content!.Value, input.Key, Expected(input));
        if (remote is null) return new Step.Done();
        if (remote.Key != input.Key)
        {
            if (input.DoomedIsKept) return new Step.Wait("the object that had this name goes to the trash first");
            return Blocked(input) ?? new Step.Copy(remote, input.Key, Expected(input));
        }

        return remote.AttributeVersion != node.AttributeVersion ? new Step.UpdateMetadata(remote) : new Step.Done();
    }

    private static Step Directory(PlanInput input)
    {
        var node = input.Node;
        var current = node.Remote is { } remote && remote.Key == input.Key && remote.AttributeVersion == node.AttributeVersion;
        return current ? new Step.Done() : Blocked(input) ?? new Step.PutMarker(input.Key, Expected(input));
    }

    private static Step NodeAlone(PlanInput input)
    {
        var node = input.Node;
        var current = node.Remote is { } remote && remote.Key == input.Key && remote.AttributeVersion == node.AttributeVersion;
        return current ? new Step.Done() : Blocked(input) ?? new Step.PutNode(input.Key, node.Target ?? "", Expected(input));
    }

    private static Expectation Expected(PlanInput input)
    {
        if (input.Node.Remote is { ETag: not null } own && own.Key == input.Key) return new Expectation(own);
        if (input.Doomed is { } doomed) return new Expectation(doomed.Remote);
        return input.Occupants.Count > 0 ? new Expectation(input.Occupants[0].Node.Remote) : Expectation.Absent;
    }

    private static Step? Blocked(PlanInput input)
    {
        if (input.DoomedIsRead) return new Step.Wait("a program still reads the file that had this name");
        if (input.ForeignUploadToKey) return new Step.Wait("another upload to this name is being stopped");
        foreach (var occupant in input.Occupants)
        {
            if (!occupant.NeedsObject) continue;
            // Of a circle exactly one parks, the smallest id: one is enough to open it.
            return occupant.FirstOfCircle == input.Node.Id && input.Node.Remote is { ETag: not null } mine && mine.Key != input.ParkingKey
                ? new Step.Park(mine, input.ParkingKey, new Expectation(input.DoomedAtParking?.Remote))
                : new Step.Wait("the object that now has this name is moved first");
        }

        return null;
    }

    private static bool WillOverwrite(NodeRow node) => node.Pending && node.Problem == Problem.None && node.Type switch
    {
        NodeType.File => SendsContent(node) || node.Remote is not null,
        _ => true,
    };

    private static bool SendsContent(NodeRow node) => node.Content is not null && node.Content != node.Remote?.Generation;
}
