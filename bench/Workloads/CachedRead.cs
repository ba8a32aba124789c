using System.Diagnostics;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Workloads;

/// <summary>Reading what was written here and is in the bucket by now: none of it needs to come back.</summary>
internal sealed class CachedRead(long size) : DriveWorkload
{
    public const string Cold = "kernel's caches dropped, s";
    public const string Warm = "again, s";
    private const string RandomCold = "random 4 KiB, dropped, p50, us";
    private const string RandomWarm = "random 4 KiB, again, p50, us";
    private const int Block = 128 << 10;
    private const int Small = 4 << 10;
    private const int Reads = 5000;

    public override string Name => "read";

    public override string Title => $"Reading {size >> 20} MiB that were written before";

    public override string About => $"From beginning to end in blocks of 128 KiB, once with none of it in the kernel's memory and again; then {Reads:N0} times 4 KiB anywhere, likewise.";

    public override IReadOnlyList<string> Drawn => [Cold, Warm];

    protected override async Task MakeReadyAsync(Mounted mounted, Trial trial)
    {
        using (var file = File.Create(PathIn(mounted), 1 << 20))
        {
            for (var left = size; left > 0; left -= Content.Mebibyte.Length) file.Write(Content.Mebibyte, 0, (int)Math.Min(left, Content.Mebibyte.Length));
        }

        await StoredAsync(mounted, trial, 1, size);
    }

    protected override Task MeasureAsync(Mounted mounted, Trial trial, Figures figures)
    {
        var path = PathIn(mounted);
        if (Machine.MayDropCaches)
        {
            Machine.DropCaches();
            figures[Cold] = ReadAll(path);
        }

        figures[Warm] = ReadAll(path);
        if (Machine.MayDropCaches)
        {
            Machine.DropCaches();
            figures[RandomCold] = ReadAnywhere(path);
        }

        ReadAll(path);
        figures[RandomWarm] = ReadAnywhere(path);
        return Task.CompletedTask;
    }

    private static string PathIn(Mounted mounted) => Path.Combine(mounted.Folder, "large.bin");

    private double ReadAll(string path)
    {
        var buffer = new byte[Block];
        var begun = Stopwatch.GetTimestamp();
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
        long offset = 0;
        while (RandomAccess.Read(file, buffer, offset) is > 0 and var count) offset += count;
        if (offset != size) throw new InvalidOperationException($"{offset} of {size} bytes were read");
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private double ReadAnywhere(string path)
    {
        var random = new Random(1);
        var buffer = new byte[Small];
        var times = new double[Reads];
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
        for (var i = 0; i < Reads; i++)
        {
            var offset = random.NextInt64(size / Small) * Small;
            var begun = Stopwatch.GetTimestamp();
            RandomAccess.Read(file, buffer, offset);
            times[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
        }

        return Median.Of(times);
    }
}
