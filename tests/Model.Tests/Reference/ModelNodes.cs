namespace SyncAgent.Model.Tests.Reference;

/// <summary>Something with a name in the model.</summary>
internal abstract class ModelNode
{
    public uint Mode { get; set; }

    /// <summary>Nanoseconds since 1970 where somebody has set it and nothing changed since, else null.</summary>
    public long? ModifyTime { get; set; }

    /// <summary>Counts changes that the bucket must learn.</summary>
    public int Version { get; set; } = 1;

    /// <summary>Whether its object must carry the attributes: what another client wrote has none until something changes here.</summary>
    public bool SaysAttributes { get; set; } = true;

    /// <summary>Path and version when everything had last arrived; null before.</summary>
    public (string Path, int Version)? Synced { get; set; }
}

internal sealed class ModelDirectory : ModelNode
{
    public SortedDictionary<string, ModelNode> Children { get; } = new(StringComparer.Ordinal);
}

internal sealed class ModelLink(string target) : ModelNode
{
    public string Target { get; } = target;
}

/// <summary>A file, and what of it has been closed: only that may reach the bucket.</summary>
internal sealed class ModelFile : ModelNode
{
    private bool _isClosed;
    private bool _isWritten;

    /// <summary>What a reader sees.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <summary>What the last writer left when it closed; null when none ever did.</summary>
    public byte[]? Sealed { get; private set; }

    public int Handles { get; set; }

    public int Writers { get; set; }

    public bool HasName { get; set; } = true;

    /// <summary>Created, and neither written nor closed nor synced since: whether it survives a kill is not promised.</summary>
    public bool IsTentative { get; set; }

    /// <summary>Changed since the last writer closed.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>Dirty by somebody who still has it open, not by somebody whom a kill interrupted.</summary>
    private bool IsBeingWritten => IsDirty && _isWritten;

    public void Change(byte[] bytes)
    {
        Bytes = bytes;
        ModifyTime = null;
        IsTentative = false;
        Begin();
    }

    public void Begin()
    {
        Version++;
        SaysAttributes = true;
        (IsDirty, _isWritten, _isClosed) = (true, true, false);
    }

    /// <summary>A descriptor that may write was closed.</summary>
    public void Flush()
    {
        IsTentative = false;
        if (IsBeingWritten) _isClosed = true;
    }

    /// <summary>The last writer is gone.</summary>
    public void Seal()
    {
        if (IsBeingWritten && HasName) TakeClosed(Bytes);
    }

    /// <summary>The agent died or was stopped: what was closed last counts, what was written since is kept and not published.</summary>
    public void Interrupt()
    {
        (Handles, Writers) = (0, 0);
        if (IsDirty && _isClosed) TakeClosed(Bytes);
        _isWritten = false;
    }

    /// <summary>Another client's bytes took its place.</summary>
    public void Replace(byte[] bytes)
    {
        Bytes = bytes;
        ModifyTime = null;
        SaysAttributes = false;
        TakeClosed(bytes);
    }

    private void TakeClosed(byte[] bytes)
    {
        Sealed = bytes;
        (IsDirty, _isClosed, _isWritten) = (false, false, false);
    }
}

/// <summary>An open descriptor.</summary>
/// <param name="Node">What it is open on.</param>
/// <param name="CanRead">Whether reads are allowed.</param>
/// <param name="CanWrite">Whether writes are allowed.</param>
/// <param name="IsWriter">Whether its close can seal the file: it may write, or it made the file.</param>
/// <param name="Appends">O_APPEND.</param>
internal sealed record ModelHandle(ModelNode Node, bool CanRead, bool CanWrite, bool IsWriter, bool Appends);
