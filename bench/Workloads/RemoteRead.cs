using System.Diagnostics;
using System.Globalization;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Workloads;

/// <summary>Reading an object that is nowhere but in the bucket.</summary>
/// <param name="size">Its bytes.</param>
/// <param name="roundTrip">Milliseconds that each request and each connection takes more.</param>
internal sealed class RemoteRead(long size, int roundTrip) : DriveWorkload
{
    private const string FirstByte = "first byte, s";
    private const string Whole = "read to the end, s";
    private const string FromMiddle = "4 KiB of the middle, s";
    private const int Block = 128 << 10;

    public override string Name => string.Create(CultureInfo.InvariantCulture, $"remote-{roundTrip}");

    public override string Title => $"Reading {size >> 20} MiB from the bucket, {roundTrip} ms away";

    public override string About =>
        "Open and the first 4 KiB of an object that nobody has looked at; the same of the middle of another one; then a third from beginning to end in blocks of 128 KiB.";

    public override IReadOnlyList<string> Drawn => [FirstByte, FromMiddle, Whole];

    protected override long Bytes => size;

    protected override bool Fits(Drive drive) => drive.Name != Drives.Native;

    protected override async Task PrepareAsync(Trial trial)
    {
        foreach (var name in (string[])["first-", "middle-", "whole-"]) await trial.Store.FillAsync(trial.Bucket, Mounted.Prefix + name, 1, size);
    }

    protected override Task MakeReadyAsync(Mounted mounted, Trial trial) => trial.Store.SetAsync(new Conditions(RoundTrip: roundTrip));

    protected override Task MeasureAsync(Mounted mounted, Trial trial, Figures figures)
    {
        figures[FirstByte] = Read(mounted, "first-000000", 0, 4 << 10);
        figures[FromMiddle] = Read(mounted, "middle-000000", size / 2, 4 << 10);
        figures[Whole] = Read(mounted, "whole-000000", 0, size);
        return Task.CompletedTask;
    }

    private static double Read(Mounted mounted, string name, long offset, long length)
    {
        var buffer = new byte[Math.Min(Block, length)];
        var begun = Stopwatch.GetTimestamp();
        using var file = File.OpenHandle(Path.Combine(mounted.Folder, name), share: FileShare.ReadWrite);
        while (length > 0)
        {
            var count = RandomAccess.Read(file, buffer, offset);
            if (count == 0) throw new InvalidOperationException($"{name} ends at {offset}");
            offset += count;
            length -= count;
        }

        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
