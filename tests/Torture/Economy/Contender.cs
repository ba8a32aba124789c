using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SyncAgent.Torture.Rigs;

namespace SyncAgent.Torture.Economy;

/// <summary>A program that mounts a bucket of an S3 store as a folder and sends what is put there.</summary>
internal abstract class Contender(string name, string work, SwiftServer store, ThrottledProxy link) : IAsyncDisposable
{
    private Process? _process;

    /// <summary>Its name in the table.</summary>
    public string Name => name;

    /// <summary>Its bucket.</summary>
    public string Bucket => $"economy-{name}";

    /// <summary>Its mount point.</summary>
    public string Drive => Path.Combine(work, "drive");

    /// <summary>Scratch of its own.</summary>
    protected string Work => work;

    /// <summary>The link's near end.</summary>
    protected string Endpoint => $"http://127.0.0.1:{link.Port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The store.</summary>
    protected SwiftServer Store => store;

    /// <summary>Bytes that went over the link.</summary>
    public long Sent => link.Sent;

    /// <summary>Starts it, or starts it again with the same line.</summary>
    public async Task StartAsync()
    {
        Directory.CreateDirectory(Drive);
        var start = Line();
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _ = _process.StandardOutput.ReadToEndAsync();
        var errors = _process.StandardError.ReadToEndAsync();
        var begun = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!File.ReadLines("/proc/mounts").Any(line => line.Split(' ')[1] == Drive))
        {
            if (_process.HasExited) throw new InvalidOperationException($"{name} ended with {_process.ExitCode}: {await errors}");
            if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMinutes(1)) throw new TimeoutException($"{name} did not mount");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>kill -9, and the dead mount taken away.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        await Tool.TryRunAsync("umount", ["-l", Drive]);
    }

    /// <summary>The size of the object in the bucket, from the server's side; null while there is none.</summary>
    public async Task<long?> SizeAsync(string key)
    {
        var listed = JsonDocument.Parse(await RcloneAsync("lsjson", $"torture:{Bucket}"));
        return listed.RootElement.EnumerateArray().Where(item => item.GetProperty("Path").GetString() == key).Select(item => (long?)item.GetProperty("Size").GetInt64()).FirstOrDefault();
    }

    /// <summary>The multipart uploads that are open in the bucket.</summary>
    public async Task<int> OpenUploadsAsync()
    {
        var listed = JsonDocument.Parse(await RcloneAsync("backend", "list-multipart-uploads", $"torture:{Bucket}"));
        return listed.RootElement.EnumerateObject().Sum(bucket => bucket.Value.ValueKind == JsonValueKind.Array ? bucket.Value.GetArrayLength() : 0);
    }

    /// <summary>SHA-256 of the object, read by another program past the link.</summary>
    public async Task<string> SumAsync(string key) => (await RcloneAsync("hashsum", "sha256", "--download", $"torture:{Bucket}/{key}")).Split(' ')[0];

    /// <summary>Makes the bucket.</summary>
    public Task MakeBucketAsync() => RcloneAsync("mkdir", $"torture:{Bucket}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await KillAsync();

    /// <summary>Its command line.</summary>
    protected abstract ProcessStartInfo Line();

    /// <summary>rclone's view of the store through an endpoint.</summary>
    protected Dictionary<string, string> RcloneEnvironment(string endpoint) => new()
    {
        ["RCLONE_CONFIG"] = "/dev/null",
        ["AWS_CA_BUNDLE"] = "", // rclone does not start with one that the environment names
        ["RCLONE_CONFIG_TORTURE_TYPE"] = "s3",
        ["RCLONE_CONFIG_TORTURE_PROVIDER"] = "Other",
        ["RCLONE_CONFIG_TORTURE_ENDPOINT"] = endpoint,
        ["RCLONE_CONFIG_TORTURE_ACCESS_KEY_ID"] = store.Key,
        ["RCLONE_CONFIG_TORTURE_SECRET_ACCESS_KEY"] = store.Secret,
        ["RCLONE_CONFIG_TORTURE_REGION"] = store.Region,
        ["RCLONE_CONFIG_TORTURE_FORCE_PATH_STYLE"] = "true",
    };

    private Task<string> RcloneAsync(params string[] arguments) => Tool.RunAsync("rclone", arguments, RcloneEnvironment($"http://{store.Address}"));
}

/// <summary>This agent.</summary>
internal sealed class OurAgent(string program, string work, SwiftServer store, ThrottledProxy link) : Contender("syncagent", work, store, link)
{
    protected override ProcessStartInfo Line()
    {
        var start = new ProcessStartInfo(program,
        [
            "mount", Drive, "--store", "s3", "--endpoint", Endpoint, "--region", Store.Region, "--bucket", Bucket, "--state", Path.Combine(Work, "state"), "--foreground",
        ]);
        start.Environment["AWS_ACCESS_KEY_ID"] = Store.Key;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = Store.Secret;
        start.Environment["XDG_RUNTIME_DIR"] = Work;
        return start;
    }
}

/// <summary>rclone mount, with all of its cache.</summary>
internal sealed class Rclone(string work, SwiftServer store, ThrottledProxy link) : Contender("rclone", work, store, link)
{
    protected override ProcessStartInfo Line()
    {
        var start = new ProcessStartInfo("rclone",
        [
            "mount", $"torture:{Bucket}", Drive, "--vfs-cache-mode", "full", "--vfs-write-back", "1s", "--cache-dir", Path.Combine(Work, "cache"),
        ]);
        foreach (var (name, value) in RcloneEnvironment(Endpoint)) start.Environment[name] = value;
        return start;
    }
}
