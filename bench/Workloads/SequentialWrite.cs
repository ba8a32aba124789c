using System.Diagnostics;
using System.Globalization;
using SyncAgent.Bench.Contenders;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Bench.Workloads;

/// <summary>One file from its beginning to its end.</summary>
internal sealed class SequentialWrite(long size, int block, bool isSynced = false, bool isHeld = false) : DriveWorkload
{
    public const string MedianWrite = "write p50, us";
    private const string SlowWrite = "write p99, us";
    private const int TimedBlock = 4 << 10;

    /// <summary>Whether only the agent takes part, once: for its memory.</summary>
    public bool IsOursAlone { get; init; }

    public override string Name => IsOursAlone ? "move" : $"{(isHeld ? "stage" : "write")}-{Block.Replace(" ", "", StringComparison.Ordinal)}{(isSynced ? "-fsync" : "")}";

    public override string Title => $"Sequential write of {size >> 20} MiB in blocks of {Block}{(isSynced ? ", with fsync" : "")}{(isHeld ? ", kept from being sent" : "")}";

    public override string About =>
        $"open, pwrite after pwrite, {(isSynced ? "fsync, " : "")}close; time from open until close returned{(isHeld ? "" : " and until the object stands whole in the bucket")}.{(isHeld ? " What staging alone costs." : "")}";

    public override IReadOnlyList<string> Drawn => isHeld ? [Figures.Closed] : [Figures.Closed, Figures.Stored];

    public override int MostRounds => IsOursAlone ? 1 : base.MostRounds;

    public override long Sent => isHeld ? 0 : size;

    protected override bool IsHeld => isHeld;

    protected override long Bytes => size;

    protected override bool Fits(Drive drive) => base.Fits(drive) && (!IsOursAlone || drive.Name == Drives.Ours);

    private string Block => block >= 1 << 20 ? string.Create(CultureInfo.InvariantCulture, $"{block >> 20} MiB") : string.Create(CultureInfo.InvariantCulture, $"{block >> 10} KiB");

    protected override async Task MeasureAsync(Mounted mounted, Trial trial, Figures figures)
    {
        var path = Path.Combine(mounted.Folder, "large.bin");
        var times = block == TimedBlock ? new long[size / block] : null;
        var begun = Stopwatch.GetTimestamp();
        Write(path, times);
        figures[Figures.Closed] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        if (times is not null)
        {
            Array.Sort(times);
            figures[MedianWrite] = Microseconds(times[times.Length / 2]);
            figures[SlowWrite] = Microseconds(times[(int)(times.Length * 0.99)]);
        }

        if (!isHeld) await NoteStoredAsync(mounted, trial, figures, begun, 1, size);
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;

    private void Write(string path, long[]? times)
    {
        var file = Posix.Open(path, Posix.WriteOnly | Posix.Create | Posix.Exclusive);
        for (long offset = 0, number = 0; offset < size; offset += block, number++)
        {
            var before = times is null ? 0 : Stopwatch.GetTimestamp();
            Posix.WriteAt(file, Content.Mebibyte.AsSpan((int)(offset % Content.Mebibyte.Length), block), offset, path);
            if (times is not null) times[number] = Stopwatch.GetTimestamp() - before;
        }

        if (isSynced) Posix.Sync(file, path);
        Posix.Close(file, path);
    }
}
