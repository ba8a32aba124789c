using System.ComponentModel.DataAnnotations;

namespace SyncAgent.Fs.Core;

/// <summary>How a drive behaves. Defaults are where they are declared.</summary>
public sealed record CoreOptions
{
    /// <summary>Quiet time after a change before it is sent, 0 to 1 hour.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a directory's listing is taken as current when the directory is opened, 0 to 1 day.</summary>
    public TimeSpan ListingAge { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call waits for the first sign of the store when nothing is cached.</summary>
    public TimeSpan OfflineAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a call waits for the first page of a listing while the store is not known to be away: it may only be slow.</summary>
    public TimeSpan ListPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Local copies of synced files are given back, longest unused first, above this many bytes.</summary>
    [Range(0, long.MaxValue)]
    public long CacheLimit { get; init; } = 10L << 30;

    /// <summary>Bytes of the staging disk that writes never use, so that commits and uploads always go on; null for 256 MiB, of a disk
    /// below 2 GiB an eighth of it.</summary>
    [Range(0, long.MaxValue)]
    public long? StagingReserve { get; init; }

    /// <summary>Bytes of remote objects that are kept on the disk, by blocks; above it whole objects go, longest unused first. What is on
    /// its way comes on top.</summary>
    [Range(0, long.MaxValue)]
    public long ReadCacheLimit { get; init; } = 10L << 30;

    /// <summary>Bytes that all readers of the drive together have asked for ahead of what they read, 1 MiB to 16 GiB.</summary>
    [Range(1L << 20, 16L << 30)]
    public long ReadAheadLimit { get; init; } = 64L << 20;

    /// <summary>How long a read waits without a byte of progress before it fails with ETIMEDOUT, 1 second to 1 hour.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Nodes (files, folders, links) kept in memory, 1,000 to 100 million; what was not used for longest is read again from the
    /// state folder when it is wanted. About a kilobyte each. A single folder is in memory as a whole or not at all.</summary>
    [Range(1_000, 100_000_000)]
    public int NodesInMemory { get; init; } = 150_000;

    /// <summary>Refuse every change.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How long a listing of a pinned folder is taken as current: what others add there is fetched after it at the latest.
    /// 1 second to 1 day.</summary>
    public TimeSpan PinAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Patterns of new files that stay on this machine; see <see cref="IgnoreList"/>.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = IgnoreList.Defaults;

    /// <summary>Bytes that a file may have at most: the store's largest object. Beyond it writes are EFBIG.</summary>
    [Range(1, long.MaxValue)]
    public long MaxFileSize { get; init; } = long.MaxValue;

    /// <summary>Bytes that a node's extended attributes may take together, in the form in which its object's metadata carries them. OSS
    /// takes 8 KiB of metadata in all, S3 2 KiB, and rules of the drive may add some. Beyond it setting one is ENOSPC.</summary>
    [Range(0, 8192)]
    public int MaxExtendedAttributeBytes { get; init; } = 1024;

    /// <summary>Whether objects are shown as owned by whom their metadata names; otherwise by <see cref="Uid"/> and <see cref="Gid"/>,
    /// and what the metadata says is kept for the store alone.</summary>
    public bool StoreOwners { get; init; }

    /// <summary>Objects of listed folders whose attributes are read in the background each second, and as many more that are asked for
    /// by name, 0 (only what is opened) to 1,000.</summary>
    [Range(0, 1000)]
    public int LearnPerSecond { get; init; } = 20;

    /// <summary>Objects whose attributes are read at once because somebody asks for them, 1 to 64.</summary>
    [Range(1, 64)]
    public int LearnAtOnce { get; init; } = 4;

    /// <summary>Owner of objects that say nothing about one.</summary>
    public uint Uid { get; init; }

    /// <summary>Group of objects that say nothing about one.</summary>
    public uint Gid { get; init; }

    /// <summary>Permissions of files that say nothing about them.</summary>
    public uint FileMode { get; init; } = 0b110_100_100;

    /// <summary>Permissions of directories that say nothing about them.</summary>
    public uint DirectoryMode { get; init; } = 0b111_101_101;

    /// <summary>Host name for conflict copies.</summary>
    public string HostName { get; init; } = Environment.MachineName;
}
