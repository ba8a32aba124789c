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

    /// <summary>Local copies of synced files are given back, longest unused first, above this many bytes.</summary>
    [Range(0, long.MaxValue)]
    public long CacheLimit { get; init; } = 10L << 30;

    /// <summary>Bytes of the staging disk that writes never use, so that commits and uploads always go on.</summary>
    [Range(0, long.MaxValue)]
    public long StagingReserve { get; init; } = 256L << 20;

    /// <summary>Refuse every change.</summary>
    public bool ReadOnly { get; init; }

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
