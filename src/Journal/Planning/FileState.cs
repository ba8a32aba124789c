namespace SyncAgent.Journal.Planning;

/// <summary>The one state that a file is in, the same everywhere it is shown.</summary>
public enum FileState
{
    /// <summary>Only in the bucket.</summary>
    Remote,

    /// <summary>Open for writing.</summary>
    Open,

    /// <summary>Closed, not yet durable on the local disk.</summary>
    Closing,

    /// <summary>Waits for its upload.</summary>
    Queued,

    /// <summary>Being sent.</summary>
    Uploading,

    /// <summary>The bucket confirmed exactly this content.</summary>
    Synced,

    /// <summary>Paused by the user.</summary>
    Paused,

    /// <summary>Never uploaded, by the user's own rule.</summary>
    Ignored,

    /// <summary>Open for writing when the agent died.</summary>
    Interrupted,

    /// <summary>A write failed.</summary>
    Incomplete,

    /// <summary>The bucket holds another version.</summary>
    Conflict,

    /// <summary>Refused for good.</summary>
    Failed,
}

/// <summary>Derives a node's state.</summary>
public static class FileStates
{
    /// <summary>The state of a node.</summary>
    /// <param name="node">Its row.</param>
    /// <param name="open">Its open generation's state, or null when none is open.</param>
    /// <param name="beingWritten">Whether a writer has it open now (false after a restart: interrupted).</param>
    /// <param name="uploading">Whether it is being sent now.</param>
    /// <param name="durable">The journal's durable sequence.</param>
    /// <param name="paused">Whether the user holds the drive's transfers.</param>
    public static FileState Of(NodeRow node, GenerationState? open, bool beingWritten, bool uploading, long durable, bool paused = false)
    {
        ArgumentNullException.ThrowIfNull(node);
        paused |= node.IsHeld;
        if (node.Problem == Problem.Conflict) return FileState.Conflict;
        if (node.Problem == Problem.Failed) return FileState.Failed;
        if (open == GenerationState.Incomplete) return FileState.Incomplete;
        if (open is not null) return beingWritten ? FileState.Open : FileState.Interrupted;
        if ((node.Flags & NodeFlags.Ignored) != 0) return FileState.Ignored;
        if (node.Pending && node.Changed > durable) return FileState.Closing; // also while the content before it is being sent
        if (uploading && !paused) return FileState.Uploading; // a held file keeps its place with the sender
        if (node.Pending) return paused ? FileState.Paused : FileState.Queued;
        return node is { Type: NodeType.File, Content: null, Remote: not null } ? FileState.Remote : FileState.Synced;
    }
}
