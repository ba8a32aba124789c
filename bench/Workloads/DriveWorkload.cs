using System.Diagnostics;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Workloads;

/// <summary>Something that is done in a mounted bucket, freshly mounted, and in a folder beside it.</summary>
internal abstract class DriveWorkload : Workload
{
    /// <summary>Most that one run may take; a contender that hangs is killed then.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private const string WarmPrefix = "warm/";
    private const string Remote = "remote";
    private const int WarmFiles = 20;
    private const int WarmSize = 20 << 20;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Contenders => [.. Drives.All.Where(drive => drive.Version is not null && Fits(drive)).Select(drive => drive.Name)];

    /// <summary>Whether written files are to wait before they are sent.</summary>
    protected virtual bool IsHeld => false;

    /// <summary>Bytes that are moved, where processor time is told per GiB.</summary>
    protected virtual long Bytes => 0;

    /// <inheritdoc/>
    public override async Task<Figures> RunAsync(string contender, Trial trial)
    {
        await PrepareAsync(trial);
        await trial.Store.FillAsync(trial.Bucket, WarmPrefix + Remote, 1, WarmSize);
        await using var mounted = await Drives.All.First(drive => drive.Name == contender).MountAsync(trial, IsHeld);
        await using var limit = new Timer(_ => mounted.Kill(), null, Patience, Timeout.InfiniteTimeSpan);
        var figures = new Figures();
        WarmUp(mounted);
        if (mounted.Meter is not null && !IsHeld) await trial.Store.AwaitAsync(trial.Bucket, WarmPrefix, WarmFiles + 2, WarmFiles + (2 * WarmSize), Patience);
        await MakeReadyAsync(mounted, trial);
        Machine.Settle();
        mounted.Meter?.Begin();
        await MeasureAsync(mounted, trial, figures);
        if (mounted.Meter is not { } meter) return figures;
        if (Bytes > 0) figures[Figures.CpuPerGib] = meter.CpuSeconds * (1L << 30) / Bytes;
        else figures[Figures.Cpu] = meter.CpuSeconds;
        figures[Figures.Peak] = meter.PeakMebibytes;
        return figures;
    }

    /// <summary>Whether a contender can take part.</summary>
    protected virtual bool Fits(Drive drive) => !IsHeld || drive.MayHold;

    /// <summary>Makes the bucket what it has to be before it is mounted.</summary>
    protected virtual Task PrepareAsync(Trial trial) => Task.CompletedTask;

    /// <summary>Does in the drive what has to be there before the measurement.</summary>
    protected virtual Task MakeReadyAsync(Mounted mounted, Trial trial) => Task.CompletedTask;

    /// <summary>Does it, and notes times.</summary>
    protected abstract Task MeasureAsync(Mounted mounted, Trial trial, Figures figures);

    /// <summary>Waits until so much is in the bucket, and notes when it was; of a plain folder nothing.</summary>
    protected static async Task NoteStoredAsync(Mounted mounted, Trial trial, Figures figures, long begun, long files, long bytes)
    {
        if (mounted.Meter is null) return;
        await StoredAsync(mounted, trial, files, bytes);
        figures[Figures.Stored] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>Waits until so much is in the bucket; of a plain folder for nothing.</summary>
    protected static Task StoredAsync(Mounted mounted, Trial trial, long files, long bytes) =>
        mounted.Meter is null ? Task.CompletedTask : trial.Store.AwaitAsync(trial.Bucket, Mounted.Prefix, files, bytes, Patience);

    /// <summary>Requests that the server had so far.</summary>
    protected static async Task<double> RequestsAsync(Trial trial) => (await trial.Store.CountsAsync()).Where(count => count.Key != StoreProcess.Received).Sum(count => count.Value);

    /// <summary>Runs a command that must succeed.</summary>
    /// <returns>The time until it ended, and what it said.</returns>
    protected static async Task<(double Seconds, string Said)> RunAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return process.ExitCode == 0 ? (seconds, await output) : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}");
    }

    /// <summary>Runs a command that must succeed, and notes when it ended.</summary>
    protected static async Task RunAsync(string program, IEnumerable<string> arguments, Figures figures) =>
        figures[Figures.Returned] = (await RunAsync(program, arguments)).Seconds;

    /// <summary>Nobody is measured at the first requests of a process: some small files and one of several parts are written and read, one more is read from
    /// the bucket.</summary>
    private static void WarmUp(Mounted mounted)
    {
        Directory.CreateDirectory(mounted.Folder);
        var folder = Directory.CreateDirectory(Path.Combine(mounted.Root, WarmPrefix)).FullName;
        for (var i = 0; i <= WarmFiles; i++)
        {
            var path = $"{folder}{i}";
            using (var file = File.Create(path))
            {
                for (var left = i == WarmFiles ? WarmSize : 1; left > 0; left -= Content.Mebibyte.Length) file.Write(Content.Mebibyte, 0, Math.Min(left, Content.Mebibyte.Length));
            }

            File.ReadAllBytes(path);
        }

        if (mounted.Meter is not null) File.ReadAllBytes($"{folder}{Remote}000000");
    }
}
