namespace SyncAgent.Bench.Workloads;

/// <summary>How large everything is.</summary>
internal sealed record Sizes
{
    public static readonly Sizes Full = new();

    public static readonly Sizes Quick = new()
    {
        Rounds = 1, Large = 64L << 20, Moved = 256L << 20, Remote = 32L << 20, Files = 500, Small = 640, SmallFolders = 102, Listed = [100, 1000], Pending = [0, 500], RoundTrips = [0, 20],
    };

    /// <summary>How often each contender does each workload.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Bytes of a large file.</summary>
    public long Large { get; init; } = 1L << 30;

    /// <summary>Bytes that are moved to see how much memory that takes.</summary>
    public long Moved { get; init; } = 10L << 30;

    /// <summary>Bytes of an object that is read from the bucket.</summary>
    public long Remote { get; init; } = 256L << 20;

    /// <summary>Files that are created, unpacked or removed.</summary>
    public int Files { get; init; } = 5000;

    /// <summary>Files of the tree of small ones, and its folders.</summary>
    public int Small { get; init; } = 6400;

    public int SmallFolders { get; init; } = 1024;

    /// <summary>Files in the folders that are listed.</summary>
    public IReadOnlyList<int> Listed { get; init; } = [100, 5000, 100_000];

    /// <summary>Files that wait at a start.</summary>
    public IReadOnlyList<int> Pending { get; init; } = [0, 10_000, 100_000];

    /// <summary>Milliseconds to the bucket and back.</summary>
    public IReadOnlyList<int> RoundTrips { get; init; } = [0, 20, 100];
}

/// <summary>All workloads, those that delete last: ext4 is slow to create in the minutes after many files were deleted.</summary>
internal static class Catalogue
{
    private const int Mebibyte = 1 << 20;

    /// <summary>MiB a second.</summary>
    private const int GigabitLink = 119;

    private const int OnePercent = 10;

    public static IReadOnlyList<Workload> Of(Sizes sizes) =>
    [
        new SequentialWrite(sizes.Large, Mebibyte),
        new SequentialWrite(sizes.Large, 128 << 10),
        new SequentialWrite(sizes.Large, 4 << 10),
        new SequentialWrite(sizes.Large, Mebibyte, isSynced: true),
        new SequentialWrite(sizes.Large, Mebibyte, isHeld: true),
        new OneFile(sizes.Large, link: 0),
        new OneFile(sizes.Large / 2, GigabitLink),
        new CreateFiles(sizes.Files),
        new CreateFiles(sizes.Files, isHeld: true),
        new SmallFiles(sizes.Small, sizes.SmallFolders, faultsPerMille: 0),
        new SmallFiles(sizes.Small / 5, sizes.SmallFolders / 5, OnePercent),
        new Untar(sizes.Files / 2, sizes.Files / 20),
        .. sizes.Listed.Select(files => new ListFolder(files)),
        new CachedRead(sizes.Large),
        .. sizes.RoundTrips.Select(roundTrip => new RemoteRead(sizes.Remote, roundTrip)),
        new SmallChange(sizes.Large),
        .. sizes.Pending.Select(files => new StartPending(files)),
        new SequentialWrite(sizes.Moved, Mebibyte) { IsOursAlone = true },
        new TreeChange(sizes.Files / 5, isRemoved: false),
        new TreeChange(sizes.Files, isRemoved: true),
    ];
}
