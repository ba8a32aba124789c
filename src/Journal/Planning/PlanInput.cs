namespace SyncAgent.Journal.Planning;

/// <summary>Everything that the next step of a node depends on, as committed rows say it.</summary>
/// <param name="Node">The node.</param>
/// <param name="Key">The key that it wants, with the drive's prefix.</param>
/// <param name="ParkingKey">The key that only this node uses when names go round in a circle.</param>
public sealed record PlanInput(NodeRow Node, string Key, string ParkingKey)
{
    /// <summary>Other live nodes whose confirmed object stands under <see cref="Key"/>.</summary>
    public IReadOnlyList<Occupant> Occupants { get; init; } = [];

    /// <summary>The tombstone at <see cref="Key"/>, or null.</summary>
    public DoomedKey? Doomed { get; init; }

    /// <summary>Whether open handles still read the object that <see cref="Doomed"/> speaks of.</summary>
    public bool DoomedIsRead { get; init; }

    /// <summary>Whether the object that <see cref="Doomed"/> speaks of goes to the trash before a copy takes its place.</summary>
    public bool DoomedIsKept { get; init; }

    /// <summary>The tombstone at <see cref="ParkingKey"/>: what an earlier circle left there and is not deleted yet, or null.</summary>
    public DoomedKey? DoomedAtParking { get; init; }

    /// <summary>Whether another node's multipart upload to <see cref="Key"/> is under way.</summary>
    public bool ForeignUploadToKey { get; init; }
}

/// <summary>Another live node whose confirmed object stands under a key that is wanted.</summary>
/// <param name="Node">Its row.</param>
/// <param name="Key">The key that it wants itself.</param>
/// <param name="NeedsObject">False when it will send local content anyway, so that its remote object may be overwritten.</param>
/// <param name="FirstOfCircle">When following "wants the key of" from it leads back to the node being planned: the smallest
/// node id of that circle. Otherwise null.</param>
public sealed record Occupant(NodeRow Node, string Key, bool NeedsObject, long? FirstOfCircle);
