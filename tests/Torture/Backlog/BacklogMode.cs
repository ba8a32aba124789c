using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using SyncAgent.Torture.Rigs;
using SyncAgent.Torture.Support;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Torture.Backlog;

/// <summary>A great many files wait for a store that is away, and the agent is killed.</summary>
internal sealed class BacklogMode : ITortureMode
{
    private const int FilesPerFolder = 1000;
    private const int Threads = 4;
    private const long DiskBytes = 8L << 30;

    /// <inheritdoc/>
    public string Name => "backlog";

    /// <inheritdoc/>
    public string Summary => "Lets many small files wait for a store that is away, kills the agent, and times its return and the draining.";

    /// <inheritdoc/>
    public TortureRun Build(Command command)
    {
        var files = new Option<int>("--files") { Description = "How many", DefaultValueFactory = _ => 100_000 };
        var size = new Option<int>("--size") { Description = "Bytes of each", DefaultValueFactory = _ => 1024 };
        var patience = new Option<int>("--patience") { Description = "Seconds that draining may take", DefaultValueFactory = _ => 1800 };
        foreach (var option in (Option[])[files, size, patience]) command.Options.Add(option);
        return (parsed, context, _) => RunAsync(context, parsed.GetValue(files), parsed.GetValue(size), parsed.GetValue(patience));
    }

    private static async Task<TortureResult> RunAsync(TortureContext context, int files, int size, int patience)
    {
        await using var rig = await Rig.StartAsync(Path.Combine(context.Work, "rig"), context.Agent, DiskBytes);
        var config = new AgentConfig { Mount = rig.Drive, Debounce = 1, CacheSize = 10L << 30, NodesInMemory = 150_000, MultipartThreshold = 16 << 20, PartSize = 8 << 20 };
        if (!await rig.StartAgentAsync(config)) throw new InvalidOperationException(rig.Life!.Log);
        await Tool.RunAsync("ls", [rig.Drive]);
        await rig.StopStoreAsync();
        var writing = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () => Write(rig.Drive, thread, files, size, context.Seed), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var written = Stopwatch.GetElapsedTime(writing);
        var writerPeak = rig.Life!.PeakResidentBytes();
        await rig.Life.KillAsync();
        var pending = JournalCopy.Read(rig.State).Pending;
        context.Tell($"{files} files written, {pending} pending, killed");

        // The store is still away.
        if (!await rig.StartAgentAsync(config)) throw new InvalidOperationException(rig.Life!.Log);
        var listing = Stopwatch.GetTimestamp();
        await Tool.RunAsync("ls", [Path.Combine(rig.Drive, "d0")]);
        var listed = Stopwatch.GetElapsedTime(listing);
        context.Tell($"mounted after {rig.Life!.MountedAfter.TotalSeconds:0.00} s, ls of a folder {listed.TotalSeconds:0.00} s");
        await rig.ReturnStoreAsync();
        var returned = Stopwatch.GetTimestamp();
        var (code, output) = await Tool.TryRunAsync(
            context.Agent, ["wait", "--state", rig.State, "--timeout", patience.ToString(CultureInfo.InvariantCulture)], patience: TimeSpan.FromSeconds(patience + 60));
        var drained = Stopwatch.GetElapsedTime(returned);
        var peak = rig.Life.PeakResidentBytes();
        context.Tell($"drained after {drained.TotalSeconds:0} s, peak {peak >> 20} MiB");

        var failures = new List<string>();
        if (pending < files) failures.Add($"only {pending} of {files} files were pending at the kill");
        if (code != 0) failures.Add($"wait ended with {code}: {output}");
        failures.AddRange(await GaugesAboveZeroAsync(rig));
        await rig.Life.KillAsync();
        failures.AddRange(Compare(rig, files, size, context.Seed));
        return new TortureResult(
            [
                ("files", $"{files} of {size} bytes"), ("written in", Seconds(written)), ("peak while written", Mebibytes(writerPeak)),
                ("mounted after", Seconds(rig.Life.MountedAfter)), ("first ls", Seconds(listed)), ("drained after the store's return", Seconds(drained)),
                ("peak of the restarted agent", Mebibytes(peak)),
            ],
            failures);
    }

    private static void Write(string drive, int thread, int files, int size, int seed)
    {
        for (var number = thread; number < files; number += Threads)
        {
            var folder = $"{drive}/d{number / FilesPerFolder}";
            if (!Directory.Exists(folder)) Directory.CreateDirectory(folder);
            var path = $"{folder}/f{number}";
            var file = Posix.Open(path, Posix.WriteOnly | Posix.Create | Posix.Exclusive);
            Posix.WriteAt(file, Bytes(number, size, seed), 0, path);
            Posix.Close(file, path);
        }
    }

    private static byte[] Bytes(int number, int size, int seed)
    {
        var bytes = new byte[size];
        new Random((number * 397) ^ seed).NextBytes(bytes);
        BitConverter.TryWriteBytes(bytes, number);
        return bytes;
    }

    private static IEnumerable<string> Compare(Rig rig, int files, int size, int seed)
    {
        var keys = rig.Store.ListKeys(Rig.Bucket).ToHashSet(StringComparer.Ordinal);
        for (var number = 0; number < files; number++)
        {
            var key = $"{AgentConfig.Prefix}d{number / FilesPerFolder}/f{number}";
            using var stored = rig.Store.ReadObject(Rig.Bucket, key);
            if (!keys.Remove(key) || stored is null) yield return $"LOST {key}";
            else if (!stored.ReadToEnd().AsSpan().SequenceEqual(Bytes(number, size, seed))) yield return $"TORN {key}";
        }

        foreach (var key in keys.Where(key => !key.EndsWith('/'))) yield return $"LEFT {key}";
        foreach (var upload in rig.Store.OpenUploads(Rig.Bucket)) yield return $"UPLOAD {upload.Key} is left";
    }

    private static async Task<IEnumerable<string>> GaugesAboveZeroAsync(Rig rig)
    {
        var drive = (await ControlApi.TryAskAsync(rig.State, HttpMethod.Get, "v1/status"))!["drives"]!.AsArray().Single()!;
        string[] gauges = ["pendingBytes", "pendingFolders", "deletesPending", "uploads", "problemCount"];
        return gauges.Where(gauge => (long)drive[gauge]! != 0).Select(gauge => $"{gauge} is {(JsonNode?)drive[gauge]}, not 0")
            .Concat(rig.Store.Gauges is { ActiveRequests: > 0 } store ? [$"{store.ActiveRequests} requests still run"] : []);
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB");
}
