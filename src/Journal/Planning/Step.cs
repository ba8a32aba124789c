namespace SyncAgent.Journal.Planning;

/// <summary>What the bucket is expected to hold under a key just before it is changed.</summary>
/// <param name="Remote">The object as last confirmed, or null: there must be none.</param>
public sealed record Expectation(RemoteState? Remote)
{
    /// <summary>The key must not exist.</summary>
    public static Expectation Absent { get; } = new((RemoteState?)null);
}

/// <summary>The next step of a node, derived from the difference between what the user made and what the bucket confirmed.</summary>
public abstract record Step
{
    /// <summary>The key that the step changes, or null when it changes none.</summary>
    public string? TargetKey => this switch
    {
        SendContent send => send.Key,
        PutMarker marker => marker.Key,
        PutNode node => node.Key,
        Copy copy => copy.Key,
        Park park => park.Key,
        UpdateMetadata update => update.Source.Key,
        _ => null,
    };

    /// <summary>Desired and remote agree.</summary>
    public sealed record Done : Step;

    /// <summary>Another node's step comes first.</summary>
    public sealed record Wait(string Reason) : Step;

    /// <summary>Send a sealed generation.</summary>
    public sealed record SendContent(long Generation, string Key, Expectation Expected) : Step;

    /// <summary>Put a directory's marker object.</summary>
    public sealed record PutMarker(string Key, Expectation Expected) : Step;

    /// <summary>Put the object of a node that is all name and attributes: a symbolic link, whose target is the content, a FIFO or a
    /// socket, which have none.</summary>
    public sealed record PutNode(string Key, string Target, Expectation Expected) : Step;

    /// <summary>Copy the confirmed object to the wanted key; the former key is doomed when the copy is confirmed.</summary>
    public sealed record Copy(RemoteState Source, string Key, Expectation Expected) : Step;

    /// <summary>Names go round in a circle: copy the confirmed object to a key of its own, so that the others can move.</summary>
    public sealed record Park(RemoteState Source, string Key, Expectation Expected) : Step;

    /// <summary>Give the confirmed object its new metadata (a copy onto itself).</summary>
    public sealed record UpdateMetadata(RemoteState Source) : Step;

    private Step()
    {
    }
}

/// <summary>The next step of a doomed key.</summary>
public enum DoomedStep
{
    /// <summary>Somebody still needs the object, or will overwrite it.</summary>
    Wait,

    /// <summary>A copy waits to take its place: it may go to the trash before, if there is one.</summary>
    Yield,

    /// <summary>A live node's confirmed object stands there: nothing to delete.</summary>
    Drop,

    /// <summary>Delete it, if it is still what was given up.</summary>
    Delete,
}
