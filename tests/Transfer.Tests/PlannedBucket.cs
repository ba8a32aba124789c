using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>
/// A bucket of labels and an executor that does exactly what the planner says. It checks at every step that nobody else's object
/// is met (there is no other writer) and that no object is lost that a node still relies on.
/// </summary>
internal sealed class PlannedBucket(TestDrive drive, PlanGatherer gatherer, Random random)
{
    private readonly Dictionary<string, Stored> _objects = new(StringComparer.Ordinal);
    private int _serial;

    public int Steps { get; private set; }

    /// <summary>How often each kind of step was taken.</summary>
    public Dictionary<string, int> Kinds { get; } = [];

    /// <summary>Content by key; markers and links have their own words.</summary>
    public IReadOnlyDictionary<string, string> Contents => _objects.ToDictionary(pair => pair.Key, pair => pair.Value.Content);

    /// <summary>One step of some pending node or doomed key. False when there was nothing to do.</summary>
    public bool StepOnce()
    {
        var nodes = drive.Reader.UnsettledNodes(drive.Row.Id, 0, 1000).Where(node => node.Pending).ToList();
        var doomed = drive.Reader.DoomedBelow(drive.Row.Id, "");
        if (nodes.Count + doomed.Count == 0) return false;
        Steps++;
        var pick = random.Next(nodes.Count + doomed.Count);
        if (pick < nodes.Count) Act(nodes[pick]);
        else Act(doomed[pick - nodes.Count]);
        CheckNothingIsLost();
        return true;
    }

    private void Act(NodeRow node)
    {
        var input = gatherer.Gather(node)!;
        var step = Planner.Next(input);
        Kinds[step.GetType().Name] = Kinds.GetValueOrDefault(step.GetType().Name) + 1;
        switch (step)
        {
            case Step.Done:
                drive.Change(writer => writer.Settle(node.Id, node.Changed));
                break;
            case Step.Wait:
                break;
            case Step.SendContent send:
                Put(node, send.Key, send.Expected, $"g{send.Generation}", send.Generation);
                break;
            case Step.PutMarker marker:
                Put(node, marker.Key, marker.Expected, "marker", null);
                break;
            case Step.PutNode link:
                Put(node, link.Key, link.Expected, link.Target, null);
                break;
            case Step.Copy copy:
                Put(node, copy.Key, copy.Expected, Read(copy.Source), copy.Source.Generation);
                break;
            case Step.Park park:
                Put(node, park.Key, park.Expected, Read(park.Source), park.Source.Generation);
                break;
            case Step.UpdateMetadata update:
                Put(node, update.Source.Key, new Expectation(update.Source), Read(update.Source), update.Source.Generation);
                break;
            default:
                throw new InvalidOperationException("unknown step");
        }
    }

    private void Act(DoomedKey doomed)
    {
        var path = doomed.Key[drive.Row.Prefix.Length..];
        var wantedBy = drive.Reader.NodeAtPath(drive.Root, path);
        if (wantedBy is not null && (wantedBy.Type == NodeType.Directory) != path.EndsWith('/')) wantedBy = null;
        var step = Planner.Next(drive.Reader.NodesAtRemoteKey(drive.Row.Id, doomed.Key), wantedBy);
        if (step is DoomedStep.Wait or DoomedStep.Yield) return;
        if (step == DoomedStep.Delete && _objects.TryGetValue(doomed.Key, out var stored) && stored.ETag == doomed.Remote.ETag) _objects.Remove(doomed.Key);
        drive.Change(writer => writer.RemoveDoomed(doomed.Id));
    }

    private void Put(NodeRow node, string key, Expectation expected, string content, long? generation)
    {
        var found = _objects.GetValueOrDefault(key)?.ETag;
        Assert.True(found is null || found == expected.Remote?.ETag, $"{key} of node {node.Id} holds {found}, expected {expected.Remote?.ETag}: a conflict with itself");
        var etag = $"e{++_serial}";
        _objects[key] = new Stored(etag, content);
        var remote = new RemoteState(key, etag, null, null, content.Length, 0, generation, node.AttributeVersion, Proof.Crc64);
        drive.Change(writer => writer.ConfirmRemote(drive.Row.Id, node.Id, remote, null, drive.Now));
    }

    private string Read(RemoteState source)
    {
        Assert.True(_objects.TryGetValue(source.Key, out var stored) && stored.ETag == source.ETag, $"the source {source.Key} is gone");
        return stored!.Content;
    }

    private void CheckNothingIsLost()
    {
        foreach (var node in drive.Descendants(drive.Root).Select(id => drive.Reader.Node(id)!))
        {
            if (node.Type != NodeType.File || node.Remote is not { } remote || node.Content != remote.Generation) continue;
            Assert.True(_objects.TryGetValue(remote.Key, out var stored) && stored.ETag == remote.ETag, $"the only copy of node {node.Id} at {remote.Key} is gone");
        }
    }

    private sealed record Stored(string ETag, string Content);
}
