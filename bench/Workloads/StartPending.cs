using System.Diagnostics;
using System.Globalization;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Bench.Workloads;

/// <summary>A start while many files wait to be sent: the program was killed before.</summary>
internal sealed class StartPending(int files) : Workload
{
    public const string UntilMounted = "start to mounted, s";
    private const string Listed = "start to ls of the top, s";
    private const string FirstFile = "start to a first file closed, s";
    private const string Drained = "start to all in the bucket, s";
    private const int Size = 1 << 10;
    private const int FilesPerFolder = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public override string Name => string.Create(CultureInfo.InvariantCulture, $"start-{files}");

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"Start with {files:N0} files that wait to be sent");

    public override string About =>
        files == 0 ? "Nothing was there before; the first file is one of 4 KiB." : "Files of 1 KiB were written and kept from being sent (ours: the store refused them), the program was killed, and is started.";

    public override IReadOnlyList<string> Drawn => [UntilMounted, Listed, FirstFile];

    public override int MostRounds => files >= 100_000 ? 2 : int.MaxValue;

    public override IReadOnlyList<string> Contenders =>
        [.. Drives.All.Where(drive => drive.Version is not null && drive.Name != Drives.Native && (files == 0 || drive.MayHold)).Select(drive => drive.Name)];

    public override async Task<Figures> RunAsync(string contender, Trial trial)
    {
        var drive = Drives.All.First(drive => drive.Name == contender);
        if (files > 0) await LeavePendingAsync(drive, trial);
        await trial.Store.SetAsync(new Conditions());
        Machine.Settle();
        var begun = Stopwatch.GetTimestamp();
        await using var mounted = await drive.MountAsync(trial, isHeld: false);
        await using var limit = new Timer(_ => mounted.Kill(), null, Patience, Timeout.InfiniteTimeSpan);
        var figures = new Figures { [UntilMounted] = mounted.After.TotalSeconds };
        Directory.GetFileSystemEntries(mounted.Root);
        figures[Listed] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var path = Path.Combine(mounted.Root, "first");
        var file = Posix.Open(path, Posix.WriteOnly | Posix.Create | Posix.Exclusive);
        Posix.Write(file, Content.Mebibyte.AsSpan(0, 4 << 10), path);
        Posix.Close(file, path);
        figures[FirstFile] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        if (drive.Name != Drives.Ours) return figures; // rclone waits for whatever looks at a file again
        await trial.Store.AwaitAsync(trial.Bucket, Mounted.Prefix, files, (long)files * Size, Patience);
        if (files > 0) figures[Drained] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        figures[Figures.Peak] = mounted.Meter!.PeakMebibytes;
        return figures;
    }

    private async Task LeavePendingAsync(Drive drive, Trial trial)
    {
        await using var mounted = await drive.MountAsync(trial, isHeld: drive.ForgetsHold);
        Posix.MakeFolder(mounted.Folder);
        await trial.Store.SetAsync(new Conditions(IsAway: !drive.ForgetsHold));
        for (var i = 0; i < files; i++)
        {
            var folder = string.Create(CultureInfo.InvariantCulture, $"{mounted.Folder}/d{i / FilesPerFolder}");
            if (i % FilesPerFolder == 0) Posix.MakeFolder(folder);
            var path = string.Create(CultureInfo.InvariantCulture, $"{folder}/f{i}");
            var file = Posix.Open(path, Posix.WriteOnly | Posix.Create | Posix.Exclusive);
            Posix.Write(file, Content.Mebibyte.AsSpan(i % 1024, Size), path);
            Posix.Close(file, path);
        }
    }
}
