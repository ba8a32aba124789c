using System.Globalization;

namespace SyncAgent.Bench.Workloads;

/// <summary>How large everything is.</summary>
/// <param name="Rounds">How often.</param>
/// <param name="Large">Bytes of a large file.</param>
/// <param name="Files">Files where there are many.</param>
internal sealed record Sizes(int Rounds, long Large, int Files)
{
    public static readonly Sizes Full = new(5, 1L << 30, 5000);

    public static readonly Sizes Quick = new(1, 64L << 20, 500);

    public Sizes With(int? mebibytes, int? files) => this with { Large = (long?)mebibytes << 20 ?? Large, Files = files ?? Files };

    public string Describe() => string.Create(CultureInfo.InvariantCulture, $"Large files have {Large >> 20} MiB.");
}

/// <summary>All workloads, those that delete last: ext4 is slow to create in the minutes after many files were deleted.</summary>
internal static class Catalogue
{
    private const int Mebibyte = 1 << 20;

    /// <summary>MiB a second.</summary>
    private const int GigabitLink = 119;

    public static IReadOnlyList<Workload> Of(Sizes sizes) =>
    [
        new SequentialWrite(sizes.Large, Mebibyte),
        new SequentialWrite(sizes.Large, 128 << 10),
        new SequentialWrite(sizes.Large, 4 << 10),
        new SequentialWrite(sizes.Large, Mebibyte, isSynced: true),
        new SequentialWrite(sizes.Large, Mebibyte, isHeld: true),
        new CreateFiles(sizes.Files),
        new OneFile(sizes.Large, link: 0),
        new OneFile(sizes.Large / 2, GigabitLink),
    ];
}
