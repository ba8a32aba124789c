using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>What is remembered of the upload of one file to one key.</summary>
internal interface IUploadLog
{
    /// <summary>The upload, or null when there is none.</summary>
    UploadRecord? Upload { get; }

    /// <summary>Its finished parts.</summary>
    IReadOnlyList<PartRow> Parts { get; }

    /// <summary>A new upload without parts: before Initiate without its id, after it with.</summary>
    void Begin(UploadRecord upload);

    /// <summary>A part arrived.</summary>
    void Record(PartRow part);

    /// <summary>The upload is over. When a reply to Initiate was lost, only that is remembered.</summary>
    void End();
}

/// <summary>Remembers for the length of a call.</summary>
internal sealed class MemoryLog : IUploadLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, PartRow> _parts = [];

    public UploadRecord? Upload { get; private set; }

    public IReadOnlyList<PartRow> Parts
    {
        get
        {
            lock (_lock) return [.. _parts.Values];
        }
    }

    public void Begin(UploadRecord upload)
    {
        Upload = upload;
        lock (_lock) _parts.Clear();
    }

    public void Record(PartRow part)
    {
        lock (_lock) _parts[part.Number] = part;
    }

    public void End()
    {
        Upload = Upload is { Lost: true } lost ? lost with { UploadId = null } : null;
        lock (_lock) _parts.Clear();
    }
}
