using System.Text.Json.Serialization;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Configuration;

/// <summary>How an agent sends and keeps things; null where the engine's own default holds.</summary>
internal sealed record EngineSettings
{
    /// <summary>Bytes of one part of a multipart upload.</summary>
    public long? PartSize { get; init; }

    /// <summary>Files from this many bytes on are sent in parts.</summary>
    public long? MultipartThreshold { get; init; }

    /// <summary>Parts under way at once.</summary>
    public int? ParallelParts { get; init; }

    /// <summary>What bodies carry.</summary>
    public PartChecksum? Checksum { get; init; }

    /// <summary>Files under way at once.</summary>
    public int? ParallelFiles { get; init; }

    /// <summary>Quiet time after a change before it is sent.</summary>
    public TimeSpan? Debounce { get; init; }

    /// <summary>Removed objects above which nothing is deleted before somebody confirms it; 0 never asks.</summary>
    public int? MassDeleteLimit { get; init; }

    /// <summary>Where removed objects are copied to before they are deleted, below the drive's prefix; empty for nowhere.</summary>
    public string? Trash { get; init; }

    /// <summary>Bytes of synced files that are kept on the local disk.</summary>
    public long? CacheSize { get; init; }

    /// <summary>Bytes of remote objects that are kept on the local disk by blocks.</summary>
    public long? ReadCacheSize { get; init; }

    /// <summary>How long a read waits without a byte from the store.</summary>
    public TimeSpan? ReadTimeout { get; init; }

    /// <summary>Files, folders and links of a drive kept in memory.</summary>
    public int? NodesInMemory { get; init; }

    /// <summary>Objects of a drive whose attributes are read in the background each second.</summary>
    public int? LearnPerSecond { get; init; }

    /// <summary>Bytes of the staging disk that writes never use.</summary>
    public long? StagingReserve { get; init; }

    /// <summary>Bytes per second that are sent, 0 for no limit.</summary>
    public long? UploadLimit { get; init; }

    /// <summary>Bytes per second that are received, 0 for no limit.</summary>
    public long? DownloadLimit { get; init; }

    /// <summary>Times of the week with limits of their own.</summary>
    public IReadOnlyList<BandwidthEntry>? Timetable { get; init; }

    /// <summary>The bandwidth that these settings ask for, or null when they say nothing of it.</summary>
    [JsonIgnore]
    public BandwidthTimetable? Bandwidth => UploadLimit is null && DownloadLimit is null && Timetable is null
        ? null
        : new BandwidthTimetable(new BandwidthLimits(UploadLimit ?? 0, DownloadLimit ?? 0), Timetable ?? []);

    /// <summary>The engine's options, with its own defaults where these settings say nothing.</summary>
    public TransferOptions ToTransferOptions()
    {
        var defaults = new TransferOptions();
        var files = ParallelFiles ?? defaults.FilesAtOnce;
        return defaults with
        {
            PartSize = PartSize,
            MultipartThreshold = MultipartThreshold ?? defaults.MultipartThreshold,
            ParallelParts = ParallelParts ?? defaults.ParallelParts,
            Checksum = Checksum ?? defaults.Checksum,
            Debounce = Debounce ?? defaults.Debounce,
            MassDeleteLimit = MassDeleteLimit ?? defaults.MassDeleteLimit,
            Trash = Trash ?? defaults.Trash,
            FilesAtOnce = files,
            LargeFilesAtOnce = Math.Min(defaults.LargeFilesAtOnce, files - 1),
        };
    }

    /// <summary>These settings, and where they say nothing those of <paramref name="other"/>.</summary>
    public EngineSettings Or(EngineSettings other) => new()
    {
        PartSize = PartSize ?? other.PartSize,
        MultipartThreshold = MultipartThreshold ?? other.MultipartThreshold,
        ParallelParts = ParallelParts ?? other.ParallelParts,
        Checksum = Checksum ?? other.Checksum,
        ParallelFiles = ParallelFiles ?? other.ParallelFiles,
        Debounce = Debounce ?? other.Debounce,
        MassDeleteLimit = MassDeleteLimit ?? other.MassDeleteLimit,
        Trash = Trash ?? other.Trash,
        CacheSize = CacheSize ?? other.CacheSize,
        ReadCacheSize = ReadCacheSize ?? other.ReadCacheSize,
        ReadTimeout = ReadTimeout ?? other.ReadTimeout,
        NodesInMemory = NodesInMemory ?? other.NodesInMemory,
        LearnPerSecond = LearnPerSecond ?? other.LearnPerSecond,
        StagingReserve = StagingReserve ?? other.StagingReserve,
        UploadLimit = UploadLimit ?? other.UploadLimit,
        DownloadLimit = DownloadLimit ?? other.DownloadLimit,
        Timetable = Timetable ?? other.Timetable,
    };
}
