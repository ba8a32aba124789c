using System.Diagnostics;
using System.Globalization;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Contenders;

/// <summary>All drives, the limit first.</summary>
internal static class Drives
{
    public const string Native = "native";
    public const string Ours = "syncagent";

    public static IReadOnlyList<Drive> All { get; } = [new NativeFolder(), new OurDrive(), new RcloneMount(), new S3fs()];
}

/// <summary>A folder of the disk that the others keep their files on: the limit.</summary>
internal sealed class NativeFolder() : Drive(Drives.Native)
{
    public override string? Version => "";

    public override string Settings => "a folder of the disk that the others keep their files on";

    public override Task<Mounted> MountAsync(Trial trial, bool isHeld) =>
        Task.FromResult(new Mounted(this, Directory.CreateDirectory(Path.Combine(trial.Folder, "drive")).FullName, null, TimeSpan.Zero));

    protected override ProcessStartInfo Line(Trial trial, string folder, bool isHeld) => throw new NotSupportedException();
}

/// <summary>This agent.</summary>
internal sealed class OurDrive() : Drive(Drives.Ours)
{
    public static string Program { get; } = Environment.GetEnvironmentVariable("SYNCAGENT_EXE") is { Length: > 0 } given ? given : Path.GetFullPath("artifacts/syncagent");

    public override string? Version { get; } = File.Exists(Program) ? Machine.Said(Program, "--version") : null;

    public override string Settings => $"`mount --debounce 0 --part-size {PartMebibytes}MiB --parallel-parts {ParallelParts} --conditional-writes on --mass-delete-limit 0`, {ParallelFiles} files at once";

    public override bool ForgetsHold => false; // its time is in the journal

    protected override ProcessStartInfo Line(Trial trial, string folder, bool isHeld)
    {
        var start = new ProcessStartInfo(Program,
        [
            "mount", folder, "--foreground", "--store", "s3", "--endpoint", trial.Store.Endpoint, "--region", Region, "--bucket", trial.Bucket, "--state", Path.Combine(trial.Folder, "state"),
            "--debounce", isHeld ? "3600" : "0", "--part-size", $"{PartMebibytes}MiB", "--parallel-parts", $"{ParallelParts}", "--conditional-writes", "on", "--mass-delete-limit", "0",
        ]);
        start.Environment["XDG_RUNTIME_DIR"] = trial.Folder;
        return start;
    }
}

/// <summary>rclone mount with a cache for what is written.</summary>
internal sealed class RcloneMount() : Drive("rclone")
{
    private static readonly string? Program = Machine.Find("rclone");

    public override string? Version { get; } = Program is null ? null : Machine.Said(Program, "version");

    public override string Settings =>
        $"`mount --vfs-cache-mode writes --vfs-write-back 0 --transfers {ParallelFiles} --s3-chunk-size {PartMebibytes}Mi --s3-upload-cutoff {PartMebibytes}Mi --s3-upload-concurrency {ParallelParts}`";

    protected override ProcessStartInfo Line(Trial trial, string folder, bool isHeld)
    {
        var start = new ProcessStartInfo(Program!,
        [
            "mount", $":s3:{trial.Bucket}", folder, "--cache-dir", Path.Combine(trial.Folder, "cache"), "--vfs-cache-mode", "writes", "--vfs-write-back", isHeld ? "1h" : "0",
            "--transfers", $"{ParallelFiles}", "--s3-provider", "Other", "--s3-endpoint", trial.Store.Endpoint, "--s3-env-auth", "--s3-region", Region, "--s3-no-check-bucket",
            "--s3-chunk-size", $"{PartMebibytes}Mi", "--s3-upload-cutoff", $"{PartMebibytes}Mi", "--s3-upload-concurrency", $"{ParallelParts}",
        ]);
        start.Environment["RCLONE_CONFIG"] = "/dev/null";
        return start;
    }
}

/// <summary>s3fs with its cache on disk. It sends a file when it is closed, while the program that wrote it waits.</summary>
internal sealed class S3fs() : Drive("s3fs")
{
    private static readonly string? Program = Machine.Find("s3fs");

    public override string? Version { get; } = Program is null ? null : Machine.Said(Program, "--version").Replace("Amazon Simple Storage Service File System", "s3fs", StringComparison.Ordinal);

    public override string Settings => $"`-o use_cache,enable_noobj_cache,multipart_size={PartMebibytes},parallel_count={ParallelParts}`";

    public override bool MayHold => false;

    protected override ProcessStartInfo Line(Trial trial, string folder, bool isHeld)
    {
        var cache = Directory.CreateDirectory(Path.Combine(trial.Folder, "cache")).FullName;
        var options = string.Create(CultureInfo.InvariantCulture,
            $"url={trial.Store.Endpoint},use_path_request_style,endpoint={Region},use_cache={cache},enable_noobj_cache,multipart_size={PartMebibytes},parallel_count={ParallelParts}");
        var start = new ProcessStartInfo(Program!, [trial.Bucket, folder, "-f", "-o", options]);
        start.Environment["AWSACCESSKEYID"] = "id";
        start.Environment["AWSSECRETACCESSKEY"] = "secret";
        return start;
    }
}
