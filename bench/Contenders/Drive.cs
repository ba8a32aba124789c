using System.Diagnostics;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Contenders;

/// <summary>A program that shows a bucket as a folder, and how it is set up to be comparable.</summary>
internal abstract class Drive(string name)
{
    /// <summary>Bytes of a part of large files, for everybody.</summary>
    public const int PartMebibytes = 16;

    /// <summary>Parts of a file under way at once, for everybody.</summary>
    public const int ParallelParts = 4;

    /// <summary>Files under way at once, for everybody who sends behind the writer's back.</summary>
    public const int ParallelFiles = 6;

    public const string Region = "us-east-1";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public string Name => name;

    /// <summary>Its version; null when it is not there.</summary>
    public abstract string? Version { get; }

    /// <summary>How it is started, for the report.</summary>
    public abstract string Settings { get; }

    /// <summary>Whether a written file can be kept from being sent.</summary>
    public virtual bool MayHold => true;

    /// <summary>Whether a file that was kept from being sent is sent after a restart without that.</summary>
    public virtual bool ForgetsHold => true;

    /// <summary>Mounts the trial's bucket.</summary>
    /// <param name="trial">Where, and on what.</param>
    /// <param name="isHeld">Whether written files are to wait for an hour before they are sent.</param>
    public virtual async Task<Mounted> MountAsync(Trial trial, bool isHeld)
    {
        var folder = Directory.CreateDirectory(Path.Combine(trial.Folder, "drive")).FullName;
        var start = Line(trial, folder, isHeld);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        start.Environment["AWS_ACCESS_KEY_ID"] = "id";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "secret";
        start.Environment.Remove("AWS_CA_BUNDLE"); // Debian's rclone does not start with it
        var begun = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        while (!IsMounted(folder))
        {
            if (process.HasExited) throw new InvalidOperationException($"{Name} ended with {process.ExitCode}: {await output}{await errors}");
            if (Stopwatch.GetElapsedTime(begun) > Patience) throw new TimeoutException($"{Name} did not mount");
            Thread.Sleep(1);
        }

        return new Mounted(this, folder, process, Stopwatch.GetElapsedTime(begun));
    }

    /// <summary>Its command line, in the foreground.</summary>
    protected abstract ProcessStartInfo Line(Trial trial, string folder, bool isHeld);

    private static bool IsMounted(string folder) =>
        File.ReadLines("/proc/mounts").Any(line => line.Split(' ')[1] == folder) && Directory.Exists(Path.Combine(folder, "."));
}

/// <summary>Where a contender runs once: a scratch folder and a bucket of its own.</summary>
internal sealed record Trial(string Folder, string Bucket, StoreProcess Store);

/// <summary>A mounted bucket, or the folder that is the limit.</summary>
internal sealed class Mounted(Drive drive, string root, Process? process, TimeSpan after) : IAsyncDisposable
{
    /// <summary>What the keys of <see cref="Folder"/> begin with.</summary>
    public const string Prefix = "data/";

    /// <summary>Its top.</summary>
    public string Root => root;

    /// <summary>The folder in it that workloads use.</summary>
    public string Folder { get; } = Path.Combine(root, Prefix.TrimEnd('/'));

    /// <summary>From the start of its process until its root could be looked at.</summary>
    public TimeSpan After => after;

    /// <summary>Which one it is.</summary>
    public Drive Drive => drive;

    /// <summary>Its process; null for a plain folder.</summary>
    public ProcessMeter? Meter { get; } = process is null ? null : new ProcessMeter(process.Id);

    /// <summary>Kills its process: whoever waits in the drive gets an error.</summary>
    public void Kill() => process?.Kill();

    /// <summary>kill -9, and the dead mount taken away.</summary>
    public async ValueTask DisposeAsync()
    {
        if (process is null) return;
        Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        using var unmount = Process.Start(new ProcessStartInfo("umount", ["-l", root]) { RedirectStandardError = true });
        await unmount!.WaitForExitAsync();
    }
}
