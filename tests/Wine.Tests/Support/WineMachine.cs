using System.Diagnostics;
using System.Text.Json;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.Wine.Tests.Support;

/// <summary>
/// A Windows machine by Wine in a prefix of its own, with a display that nobody sees: the agent as it is published for Windows, a stand-in for WinFsp
/// where an installation would be, and a store on the Linux side. Made once for all tests.
/// </summary>
public sealed class WineMachine : IAsyncLifetime
{
    internal const string Secret = "end-to-end-secret";
    private const string WinFspKey = @"HKLM\SOFTWARE\WOW6432Node\WinFsp";

    private const string MachineEnvironment = @"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";

    private readonly Stack<Process> _processes = new();
    private DirectoryInfo _work = null!;
    private int _outputs;

    /// <summary>The environment of every program.</summary>
    internal Dictionary<string, string> Environment { get; } = [];

    /// <summary>Scratch folder.</summary>
    internal string Work => _work.FullName;

    /// <summary>The store.</summary>
    internal DevStoreProcess Store { get; private set; } = null!;

    private static bool IsWanted => System.Environment.GetEnvironmentVariable("SYNCAGENT_TEST_WINE") == "1";

    private string Program => System.Environment.GetEnvironmentVariable("SYNCAGENT_WINDOWS") is { Length: > 0 } given ? given : Path.Combine(Work, "agent");

    private string PortFile => Path.Combine(Work, "port");

    /// <summary>Skips a test where Wine is not asked for.</summary>
    internal static void SkipUnlessWanted()
    {
        Assert.SkipUnless(IsWanted, "needs Wine: test.sh --wine");
        Places.SkipUnlessInstalled("wine", "Xvfb", "x86_64-w64-mingw32-gcc", "node");
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!IsWanted || !Places.IsInstalled("wine") || !Places.IsInstalled("x86_64-w64-mingw32-gcc")) return;
        _work = Directory.CreateTempSubdirectory("syncagent-wine-");
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["WINEPREFIX"] = Path.Combine(Work, "prefix"),
            ["WINEDEBUG"] = "-all",
            // .NET under Wine 8 loses its dynamic methods at the first collection otherwise.
            ["DOTNET_EnableWriteXorExecute"] = "0",
            ["OSS_ACCESS_KEY_ID"] = "end-to-end-key",
            ["OSS_ACCESS_KEY_SECRET"] = Secret,
            ["WINFSP_STANDIN_PORT_FILE"] = WindowsPath(PortFile),
        }) Environment[name] = value;
        await PublishAsync();
        var display = Start("Xvfb", "-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset");
        Environment["DISPLAY"] = ":" + await display.StandardOutput.ReadLineAsync().WaitAsync(Poll.Patience);
        await WineAsync("wineboot", "-i");
        // Services get their environment from the registry.
        foreach (var name in (string[])["DOTNET_EnableWriteXorExecute", "WINFSP_STANDIN_PORT_FILE"])
            await WineAsync("reg", "add", MachineEnvironment, "/v", name, "/d", Environment[name], "/f");
        await RunAsync("wineserver", "-w");
        // Services end with the last program: one that waits for its input stays.
        Start("wine", "cmd");
        await WineAsync("reg", "add", @"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f");
        await BuildStandInAsync();
        Store = await DevStoreProcess.StartAsync(Path.Combine(Work, "store"), Environment);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_work is null) return;
        if (Store is not null) await Store.DisposeAsync();
        if (Environment.ContainsKey("DISPLAY")) await Command.RunAsync("wineserver", ["-k", "-w"], Environment);
        while (_processes.TryPop(out var process))
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().WaitAsync(Poll.Patience);
            process.Dispose();
        }

        _work.Delete(recursive: true);
    }

    /// <summary>A path of Linux as a program of Windows writes it.</summary>
    internal static string WindowsPath(string path) => "Z:" + path.Replace('/', '\\');

    /// <summary>The way to a path of drive C: from the Linux side.</summary>
    internal string LinuxPath(string path) => Path.Combine(Environment["WINEPREFIX"], "drive_c", path[3..].Replace('\\', '/'));

    /// <summary>The options that name the store's bucket.</summary>
    internal string[] Target(string prefix) =>
        ["--store", "oss", "--endpoint", Store.Endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou", "--bucket", DevStoreProcess.Bucket, "--prefix", prefix];

    /// <summary>Runs the agent's program to its end.</summary>
    internal Task<CommandResult> AgentAsync(params string[] arguments) => WineWithAsync(Environment, [Path.Combine(Program, "syncagent.exe"), .. arguments]);

    /// <summary>The same without keys in the environment.</summary>
    internal Task<CommandResult> AgentWithoutKeysAsync(params string[] arguments) => WineWithAsync(
        new Dictionary<string, string>(Environment) { ["OSS_ACCESS_KEY_ID"] = "", ["OSS_ACCESS_KEY_SECRET"] = "" }, [Path.Combine(Program, "syncagent.exe"), .. arguments]);

    /// <summary>The same with one more variable.</summary>
    internal Task<CommandResult> AgentWithAsync(string name, string value, params string[] arguments) => WineWithAsync(
        new Dictionary<string, string>(Environment) { [name] = value }, [Path.Combine(Program, "syncagent.exe"), .. arguments]);

    /// <summary>Runs another program of Windows; it must succeed.</summary>
    internal async Task<string> WineAsync(params string[] arguments) => (await WineWithAsync(Environment, arguments)).Expect(0).Output;

    /// <summary>Starts the agent on a console of its own, as a process that can be killed. Gives back when the drive serves.</summary>
    internal async Task<(Process Agent, StandInDrive Drive)> MountAsync(string letter, string prefix, string state)
    {
        File.Delete(PortFile);
        string[] line = [Path.Combine(Program, "syncagent.exe"), "mount", letter, .. Target(prefix), "--state", state, "--foreground"];
        var agent = Start("sh", ["-c", "log=$1; shift; exec wine \"$@\" >\"$log\" 2>&1", "sh", Path.Combine(Work, $"agent-{letter[0]}.log"), .. line]);
        var drive = await ConnectAsync();
        await Poll.UntilAsync(async () => (await AgentAsync("status", "--state", state)).ExitCode, code => code == 0, "the agent's answer");
        return (agent, drive);
    }

    /// <summary>A connection to the drive that was mounted last, as soon as it serves.</summary>
    internal async Task<StandInDrive> ConnectAsync()
    {
        await Poll.UntilAsync(() => File.Exists(PortFile), "the stand-in's port");
        return await StandInDrive.ConnectAsync(int.Parse((await File.ReadAllTextAsync(PortFile)).Trim(), System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Forgets the drive that was mounted last: the next connection is to one that comes.</summary>
    internal void ForgetDrive() => File.Delete(PortFile);

    /// <summary>Takes WinFsp away, or puts it back.</summary>
    internal Task InstallWinFspAsync(bool installed) => installed
        ? WineAsync("reg", "add", WinFspKey, "/v", "InstallDir", "/d", @"C:\Program Files (x86)\WinFsp\", "/f")
        : WineAsync("reg", "delete", WinFspKey, "/f");

    /// <summary>Compares the bucket with a folder by the official client.</summary>
    internal async Task<BucketReport> CompareAsync(string folder, string prefix)
    {
        var answer = await Command.RunAsync(
            "node", [Path.Combine(Places.Conformance, "verify.mjs"), Store.Endpoint.ToString(), DevStoreProcess.Bucket, prefix, folder], Environment);
        return JsonSerializer.Deserialize<BucketReport>(answer.Output, JsonSerializerOptions.Web)!;
    }

    /// <summary>A file of pseudo-random bytes on the Linux side.</summary>
    internal string MakeFile(string name, long size, int seed)
    {
        var path = Path.Combine(Work, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var random = new Random(seed);
        var block = new byte[1 << 20];
        using var file = File.Create(path);
        for (var left = size; left > 0; left -= block.Length)
        {
            random.NextBytes(block);
            file.Write(block.AsSpan(0, (int)Math.Min(left, block.Length)));
        }

        return path;
    }

    private async Task PublishAsync()
    {
        if (System.Environment.GetEnvironmentVariable("SYNCAGENT_WINDOWS") is { Length: > 0 }) return;
        (await Command.RunAsync(
            "dotnet",
            [
                "publish", Path.Combine(Places.Repository, "src/Agent/Agent.csproj"), "-c", "Release", "-r", "win-x64", "--self-contained", "-p:PublishReadyToRun=true", "-v", "quiet",
                "-nodeReuse:false", "--artifacts-path", Path.Combine(Work, "build"), "-o", Program,
            ],
            Environment, Places.Repository, TimeSpan.FromMinutes(6))).Expect(0);
    }

    private async Task BuildStandInAsync()
    {
        var folder = LinuxPath(@"C:\Program Files (x86)\WinFsp\bin");
        Directory.CreateDirectory(folder);
        var sources = Directory.EnumerateFiles(Path.Combine(Places.Repository, "tests/wine/winfsp-standin"), "*.c");
        await RunAsync(
            "x86_64-w64-mingw32-gcc",
            ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-static-libgcc", "-o", Path.Combine(folder, "winfsp-x64.dll"), .. sources, "-lws2_32", "-ladvapi32"]);
        await InstallWinFspAsync(true);
    }

    private async Task RunAsync(string program, params string[] arguments) => (await Command.RunAsync(program, arguments, Environment)).Expect(0);

    // What a program of Wine brings up in the background stays, and would keep the streams of the program that is waited for.
    private async Task<CommandResult> WineWithAsync(IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments)
    {
        var output = Path.Combine(Work, $"output-{Interlocked.Increment(ref _outputs)}");
        var result = await Command.RunAsync(
            "sh", ["-c", "out=$1; shift; exec wine \"$@\" >\"$out\" 2>\"$out.err\"", "sh", output, .. arguments], environment);
        return result with { Output = await File.ReadAllTextAsync(output), Errors = await File.ReadAllTextAsync(output + ".err") };
    }

    private Process Start(string program, params string[] arguments)
    {
        var process = Command.Start(program, arguments, Environment);
        _processes.Push(process);
        return process;
    }
}
