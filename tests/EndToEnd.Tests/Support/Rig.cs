using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>
/// A user's machine and a store: one state folder, one mount point, one bucket, each program a process of its own. Ends what it
/// started and unmounts whatever happens; shows the agent's log in the output of the test.
/// </summary>
internal sealed class Rig : IAsyncDisposable
{
    private const int LogLinesShown = 150;

    private readonly DirectoryInfo _work;
    private readonly ITestOutputHelper? _output = TestContext.Current.TestOutputHelper;

    private Rig(DirectoryInfo work, IEnumerable<KeyValuePair<string, string>>? more = null)
    {
        _work = work;
        Environment = new Dictionary<string, string>(more ?? [])
        {
            ["OSS_ACCESS_KEY_ID"] = "end-to-end-key",
            ["OSS_ACCESS_KEY_SECRET"] = "end-to-end-secret",
            ["XDG_RUNTIME_DIR"] = work.CreateSubdirectory("run").FullName,
            ["DRIVE"] = Drive,
            ["WORK"] = work.FullName,
            ["SYNCAGENT"] = Places.Program,
            ["REPOSITORY"] = Places.Repository,
        };
    }

    /// <summary>Scratch folder on the local disk.</summary>
    public string Work => _work.FullName;

    /// <summary>Where the drive is mounted.</summary>
    public string Drive => Path.Combine(Work, "drive");

    /// <summary>The agent's state folder.</summary>
    public string State => Path.Combine(Work, "state");

    /// <summary>The environment of every program: keys, and DRIVE, WORK, SYNCAGENT and REPOSITORY for scripts.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>The store.</summary>
    public DevStoreProcess Store { get; private set; } = null!;

    /// <summary>The state folder's own disk, where it has one.</summary>
    public LoopDisk? Disk { get; private set; }

    /// <summary>Starts a store; nothing is mounted yet.</summary>
    public static async Task<Rig> StartAsync()
    {
        Places.SkipUnlessMountable();
        var rig = new Rig(Directory.CreateTempSubdirectory("syncagent-e2e-"));
        try
        {
            rig.Store = await DevStoreProcess.StartAsync(Path.Combine(rig.Work, "store"), rig.Environment);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>A machine without a store of its own, with more in the environment of its programs.</summary>
    public static Rig WithoutStore(IEnumerable<KeyValuePair<string, string>> environment)
    {
        Places.SkipUnlessMountable();
        return new Rig(Directory.CreateTempSubdirectory("syncagent-e2e-"), environment);
    }

    /// <summary>Starts a store, mounts the drive, and lists it once: a folder that was never listed is no place to work offline.</summary>
    public static async Task<Rig> MountedAsync()
    {
        var rig = await StartAsync();
        try
        {
            await rig.MountAsync();
            await rig.ListAsync();
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same, with the state folder on a small disk of its own.</summary>
    public static async Task<Rig> OnDiskOfItsOwnAsync(int mebibytes, bool canFail = false)
    {
        LoopDisk.SkipUnlessPossible();
        var rig = await StartAsync();
        try
        {
            rig.Disk = await LoopDisk.MountAsync(rig, rig.State, mebibytes, canFail);
            await rig.MountAsync();
            await rig.ListAsync();
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>The one mount line that every run of a test uses.</summary>
    public IReadOnlyList<string> MountLine(params string[] more) => MountLineTo(Store.Endpoint, more);

    /// <summary>The same by another way to the store.</summary>
    public IReadOnlyList<string> MountLineTo(Uri endpoint, params string[] more) =>
    [
        "mount", Drive, "--store", "oss", "--endpoint", endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou",
        "--bucket", DevStoreProcess.Bucket, "--state", State, .. more,
    ];

    /// <summary>Mounts; returns how long it took from the start of the process until the drive answered.</summary>
    /// <param name="line">Another line than <see cref="MountLine"/>.</param>
    public async Task<TimeSpan> MountAsync(IReadOnlyList<string>? line = null)
    {
        var begun = Stopwatch.GetTimestamp();
        (await AgentAsync([.. line ?? MountLine()])).Expect(0);
        (await Command.RunAsync("stat", [Drive + "/."], Environment)).Expect(0);
        return Stopwatch.GetElapsedTime(begun);
    }

    /// <summary>Lists the drive's root; a first listing that takes the store longer than a second is asked for again.</summary>
    public Task ListAsync() => Poll.UntilAsync(() => Command.RunAsync("ls", [Drive], Environment), listed => listed.ExitCode == 0, "the first listing");

    /// <summary>Runs a syncagent command.</summary>
    public Task<CommandResult> AgentAsync(params string[] arguments) => Command.RunAsync(Places.Program, arguments, Environment);

    /// <summary><c>syncagent wait</c>, which gives up before this test gives it up.</summary>
    public Task<CommandResult> WaitAsync(string? path = null) =>
        AgentAsync(["wait", .. path is null ? (string[])[] : [path], "--state", State, "--timeout", $"{1.5 * Poll.Patience.TotalSeconds}"]);

    /// <summary><c>syncagent status --json</c>, of the drive.</summary>
    public async Task<JsonNode> DriveStatusAsync()
    {
        var answer = (await AgentAsync("status", "--state", State, "--json")).Expect(0);
        return JsonNode.Parse(answer.Output)!["drives"]!.AsArray().Single(drive => (string)drive!["mountPoint"]! == Drive)!;
    }

    /// <summary>State and reason of the one file that needs the user.</summary>
    public async Task<(string Path, string State, string Reason)> OnlyProblemAsync()
    {
        var problem = Assert.Single((await DriveStatusAsync())["problems"]!.AsArray())!;
        return (Path.GetRelativePath(Drive, (string)problem["path"]!), (string)problem["state"]!, (string)problem["reason"]!);
    }

    /// <summary>kill -9 of the agent, by the id that it noted; returns when it is gone.</summary>
    public Task KillAgentAsync() => KillAsync(AgentPid() ?? throw new InvalidOperationException("No agent runs."));

    /// <summary>Runs a shell script in the scratch folder ($DRIVE is the drive); it must succeed.</summary>
    public async Task<string> ShAsync(string script) =>
        (await Command.RunAsync("sh", ["-euc", script], Environment, Work)).Expect(0).Output.TrimEnd();

    /// <summary>Runs a Python program in the drive; it must succeed.</summary>
    public async Task<string> PythonAsync(string program) =>
        (await Command.RunAsync("python3", ["-c", $"import os\n{program}"], Environment, Drive)).Expect(0).Output.TrimEnd();

    /// <summary>Runs a Python program in the drive that keeps what it opened until it is disposed of.</summary>
    public Task<HeldOpen> HoldAsync(string program) => HeldOpen.StartAsync(program, Environment, Drive);

    /// <summary>Compares the bucket below a prefix with a folder, by the official client.</summary>
    public async Task<BucketReport> CompareAsync(string folder, string prefix = "", bool implicitFolders = false)
    {
        var answer = await NodeAsync("verify.mjs", [prefix, folder, .. implicitFolders ? (string[])["--implicit-folders"] : []]);
        Assert.True(answer.ExitCode is 0 or 1 && answer.Output.Length > 0, answer.Errors);
        return JsonSerializer.Deserialize<BucketReport>(answer.Output, JsonSerializerOptions.Web)!;
    }

    /// <summary>Changes the bucket as another program would: see bucket.mjs.</summary>
    public async Task<string> ChangeBucketAsync(params string[] change) => (await NodeAsync("bucket.mjs", change)).Expect(0).Output.TrimEnd();

    /// <summary>The store's disk flips a bit of the one object of a size.</summary>
    public void FlipBitOfBlob(long size)
    {
        var blob = Directory.EnumerateFiles(Path.Combine(Work, "store"), "*", SearchOption.AllDirectories).Single(file => new FileInfo(file).Length == size);
        using var file = new FileStream(blob, FileMode.Open);
        var value = file.ReadByte();
        file.Position = 0;
        file.WriteByte((byte)(value ^ 1));
    }

    /// <summary>Runs a script of the official client on the bucket.</summary>
    public Task<CommandResult> NodeAsync(string script, IEnumerable<string> arguments) => Command.RunAsync(
        "node", [script, Store.Endpoint.ToString(), DevStoreProcess.Bucket, .. arguments], Environment, Places.Conformance);

    /// <summary>A file on the local disk with bytes that nothing compresses or repeats; the same for the same seed.</summary>
    public string MakeFile(string name, long length, int seed)
    {
        var path = Path.Combine(Work, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var random = new Random(seed);
        var buffer = new byte[1 << 20];
        using var file = File.Create(path);
        for (var left = length; left > 0; left -= buffer.Length)
        {
            random.NextBytes(buffer);
            file.Write(buffer, 0, (int)Math.Min(left, buffer.Length));
        }

        return path;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ShowWhatHappenedAsync();
        if (Store is not null) await Store.DisposeAsync();
        foreach (var pid in Remaining()) await KillAsync(pid);
        while (IsMounted()) (await Command.RunAsync("umount", ["-l", Drive], Environment)).Expect(0);
        if (Disk is not null) await Disk.DisposeAsync();
        _work.Delete(recursive: true);
    }


    /// <summary>Whether anything is mounted at the drive's place.</summary>
    public bool IsMounted() => IsMountPoint(Drive);

    /// <summary>Whether anything is mounted at a place.</summary>
    public static bool IsMountPoint(string place) => File.ReadLines("/proc/mounts").Any(line => line.Split(' ')[1] == place);

    /// <summary>What <c>status</c> says of the disk of the state folder, or null.</summary>
    public async Task<string?> DiskProblemAsync()
    {
        var status = JsonNode.Parse((await AgentAsync("status", "--state", State, "--json")).Expect(0).Output)!;
        return (string?)(status["readOnlyReason"] ?? status["diskProblem"]);
    }

    /// <summary>Lines of the agent's log.</summary>
    public IReadOnlyList<string> AgentLog() => [.. File.ReadLines(Path.Combine(State, "agent.log"))];

    /// <summary>The state that a file's attribute tells.</summary>
    public Task<string> StateOfAsync(string name) => PythonAsync($"print(os.getxattr('{name}', 'user.syncagent.state').decode())");

    /// <summary>The agent's process id as it noted it for its clients, or null.</summary>
    public int? AgentPid()
    {
        var file = Path.Combine(State, "agent.json");
        return File.Exists(file) ? (int)JsonNode.Parse(File.ReadAllText(file))!["pid"]! : null;
    }

    private async Task KillAsync(int pid)
    {
        // It may have ended by itself in between.
        await Command.RunAsync("kill", ["-9", $"{pid}"], Environment);
        await Poll.UntilAsync(() => !IsAlive(pid), $"end of the killed process {pid}");
    }

    /// <summary>Processes that were started for this rig and are still there: the path of its scratch folder is theirs alone.</summary>
    private IEnumerable<int> Remaining() =>
        from folder in Directory.EnumerateDirectories("/proc")
        let pid = int.TryParse(Path.GetFileName(folder), out var number) ? number : 0
        where pid > 0 && ReadOrEmpty($"{folder}/cmdline").Contains(Work, StringComparison.Ordinal) && IsAlive(pid)
        select pid;

    /// <summary>Whether a process runs.</summary>
    public static bool IsAlive(int pid)
    {
        // "pid (name) state": a zombie is only waiting for somebody to ask how it ended.
        var stat = ReadOrEmpty($"/proc/{pid}/stat");
        return stat.Length > 0 && stat[stat.LastIndexOf(')') + 2] != 'Z';
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return ""; // the process is gone
        }
    }

    /// <summary>For the reader of a failed test: how it stood in the end, the agent's log, and the store's.</summary>
    private async Task ShowWhatHappenedAsync()
    {
        if (_output is null) return;
        if (AgentPid() is not null)
        {
            var status = await AgentAsync("status", "--state", State);
            _output.WriteLine($"syncagent status: {status.Output}{status.Errors}");
        }

        var log = Path.Combine(State, "agent.log");
        if (File.Exists(log)) foreach (var line in File.ReadLines(log).TakeLast(LogLinesShown)) _output.WriteLine($"agent.log: {line}");
        if (Store is { IsRunning: true })
            foreach (var request in (await Store.LogAsync()).TakeLast(LogLinesShown)) _output.WriteLine($"store: {request}");
    }
}
