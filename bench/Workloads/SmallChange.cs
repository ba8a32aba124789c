using System.Diagnostics;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Bench.Workloads;

/// <summary>A few bytes in the middle of a large file that is in the bucket.</summary>
internal sealed class SmallChange(long size) : DriveWorkload
{
    private const string SentMebibytes = "sent, MiB";
    private const string FileName = "large.bin";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    public override string Name => "change";

    public override string Title => $"4 KiB changed in a file of {size >> 20} MiB";

    public override string About => "The file was written here and is in the bucket; open, pwrite, close; until close returned and until the object in the bucket is another one, and what was sent for it.";

    public override IReadOnlyList<string> Drawn => [Figures.Stored, SentMebibytes];

    protected override async Task MakeReadyAsync(Mounted mounted, Trial trial)
    {
        using (var file = File.Create(Path.Combine(mounted.Folder, FileName), 1 << 20))
        {
            for (var left = size; left > 0; left -= Content.Mebibyte.Length) file.Write(Content.Mebibyte, 0, (int)Math.Min(left, Content.Mebibyte.Length));
        }

        await StoredAsync(mounted, trial, 1, size);
    }

    protected override async Task MeasureAsync(Mounted mounted, Trial trial, Figures figures)
    {
        var path = Path.Combine(mounted.Folder, FileName);
        var before = await trial.Store.ETagAsync(trial.Bucket, Mounted.Prefix + FileName);
        var received = (await trial.Store.CountsAsync())[StoreProcess.Received];
        var begun = Stopwatch.GetTimestamp();
        var file = Posix.Open(path, Posix.ReadWrite);
        Posix.WriteAt(file, Content.Mebibyte.AsSpan(12345, 4 << 10), size / 2, path);
        Posix.Close(file, path);
        figures[Figures.Closed] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        if (mounted.Meter is null) return;
        while (await trial.Store.ETagAsync(trial.Bucket, Mounted.Prefix + FileName) == before)
        {
            if (Stopwatch.GetElapsedTime(begun) > Patience) throw new TimeoutException("the object in the bucket is still the old one");
            await Task.Delay(Look);
        }

        figures[Figures.Stored] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        figures[SentMebibytes] = ((await trial.Store.CountsAsync())[StoreProcess.Received] - received) / (double)(1 << 20);
    }
}
