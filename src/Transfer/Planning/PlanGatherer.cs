using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Transfer;

/// <summary>Collects from committed rows what the planner needs to know.</summary>
internal sealed class PlanGatherer(TransferContext context)
{
    /// <summary>Chains of names longer than this are not followed; the node then waits, and a shorter end of the chain moves first.</summary>
    private const int MaxChain = 1000;

    /// <summary>The input for a node, all of one moment, or null when it or an ancestor is gone. A key that changes hands between two of these
    /// questions would seem to be nobody's.</summary>
    public PlanInput? Gather(NodeRow node) => context.Reader.AtOneMoment(() => GatherNow(node));

    private PlanInput? GatherNow(NodeRow node)
    {
        if (context.KeyOf(node.Id) is not { } key) return null;
        var parking = ParkingKeyOf(node.Id);
        var doomed = context.Reader.Doomed(context.Drive.Id, key);
        return new PlanInput(node, key, parking)
        {
            Occupants = [.. OccupantsOf(key, node.Id).Select(other => Describe(other, key, node.Id))],
            Doomed = doomed,
            DoomedIsRead = doomed is not null && context.Journal.KeyPins.IsPinned(context.Drive.Id, doomed.Remote),
            DoomedIsKept = doomed is not null && context.GoesToTrash(doomed),
            DoomedAtParking = context.Reader.Doomed(context.Drive.Id, parking),
            ForeignUploadToKey = ForeignUploads(node.Id, key).Any(),
        };
    }

    /// <summary>Uploads of other nodes to a key that still may come to life there.</summary>
    public IEnumerable<UploadRow> ForeignUploads(long node, string key) =>
        context.Reader.UploadsTo(context.Drive.Id, key).Where(row => row.Node != node && row.Phase != UploadPhase.PossiblyOurs);

    private string ParkingKeyOf(long node) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{context.Drive.Prefix}.syncagent/parked-{node}");

    private IEnumerable<NodeRow> OccupantsOf(string key, long except) =>
        context.Reader.NodesAtRemoteKey(context.Drive.Id, key).Where(other => other.Id != except);

    private Occupant Describe(NodeRow other, string key, long planned)
    {
        var wants = context.KeyOf(other.Id);
        var needs = NeedsObject(other, key);
        return new Occupant(other, wants ?? "", needs, needs && wants is not null ? FirstOfCircle(other, wants, planned) : null);
    }

    /// <summary>Whether the object under a key is still a source for its node, so that it must not be overwritten.</summary>
    private bool NeedsObject(NodeRow node, string key)
    {
        if (node.Type != NodeType.File) return false;
        if (node.Content is null || node.Content == node.Remote?.Generation) return true;
        return StandsOn(node.Content, key) || StandsOn(node.Open, key);
    }

    private bool StandsOn(long? generation, string key)
    {
        while (generation is { } id && context.Reader.Generation(id) is { } row)
        {
            if (row.Base == BaseKind.Remote && row.BaseKey == key) return true;
            generation = row.BaseGeneration;
        }

        return false;
    }

    private long? FirstOfCircle(NodeRow start, string startWants, long planned)
    {
        var first = Math.Min(start.Id, planned);
        var wants = startWants;
        var seen = new HashSet<long> { start.Id };
        while (seen.Count < MaxChain)
        {
            var next = context.Reader.NodesAtRemoteKey(context.Drive.Id, wants).FirstOrDefault(node => !seen.Contains(node.Id) && NeedsObject(node, wants));
            if (next is null || next.Problem != Problem.None) return null;
            if (next.Id == planned) return first;
            seen.Add(next.Id);
            first = Math.Min(first, next.Id);
            if (context.KeyOf(next.Id) is not { } further) return null;
            wants = further;
        }

        return null;
    }
}
