using System.Diagnostics;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Tests.Support;

namespace SyncAgent.Agent.Tests;

/// <summary>"syncagent service", with a systemctl that only notes what it is asked; the unit files before systemd's own judge.</summary>
public sealed class ServiceUnitTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();
    private readonly List<string> _ran = [];
    private string _state = "running";
    private string _active = "inactive";

    public ServiceUnitTests()
    {
        _cli.Environment["XDG_CONFIG_HOME"] = _folder.At("config");
        _cli.Environment["XDG_STATE_HOME"] = _folder.At("state");
        _cli.Environment["XDG_RUNTIME_DIR"] = _folder.Path;
        _cli.RunProgram = (program, arguments, _) =>
        {
            var line = $"{program} {string.Join(' ', arguments)}";
            _ran.Add(line);
            return Task.FromResult(new ProgramResult(0, line.Contains("is-system-running", StringComparison.Ordinal) ? _state : $"ActiveState={_active}\n", ""));
        };
    }

    private string UnitFile => _folder.At("config/systemd/user/syncagent.service");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Installing_writes_the_unit_and_starts_it_and_installing_again_upgrades_it()
    {
        var config = Config("""{ "stopTimeoutSeconds": 90, "drives": [ { "mount": "drive %1", "store": "oss", "region": "cn-hangzhou", "bucket": "demo" } ] }""");
        Assert.Equal(0, await InstallAsync(config, "--environment-file", Keys()));
        Assert.Contains("syncagent.service is installed and runs", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("loginctl enable-linger", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(
            ["systemctl --user daemon-reload", "systemctl --user enable syncagent.service", "systemctl --user restart syncagent.service"],
            _ran.Where(line => !line.Contains("show", StringComparison.Ordinal) && !line.Contains("is-system-running", StringComparison.Ordinal)));
        var unit = await File.ReadAllTextAsync(UnitFile, TestContext.Current.CancellationToken);
        Assert.Contains($" mount --foreground --config \"{config}\" --state \"{_folder.At("state/syncagent")}\"\n", unit, StringComparison.Ordinal);
        Assert.Contains($"EnvironmentFile={_folder.At("keys")}\n", unit, StringComparison.Ordinal);
        Assert.Contains("TimeoutStopSec=120\n", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("@", unit, StringComparison.Ordinal);

        _active = "active";
        Assert.Equal(0, await InstallAsync(config, "--environment-file", Keys()));
        Assert.Contains("is upgraded", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(unit, await File.ReadAllTextAsync(UnitFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nothing_is_written_before_everything_is_right()
    {
        var config = Config("""{ "drives": [ { "mount": "drive", "store": "oss", "region": "cn-hangzhou", "bucket": "demo" } ] }""");
        Assert.Equal(ExitCodes.Configuration, await InstallAsync(config));
        Assert.Contains("takes its keys from the environment", _cli.Error, StringComparison.Ordinal);

        var open = Keys();
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal(ExitCodes.Configuration, await InstallAsync(config, "--environment-file", open));
        Assert.Contains($"chmod 600 {open}", _cli.Error, StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Configuration, await InstallAsync(Config("""{ "drives": [ { "mount": "x", "storre": "oss" } ] }""")));
        Assert.Contains("storre: unknown", _cli.Error, StringComparison.Ordinal);

        _state = "offline";
        Assert.Equal(ExitCodes.NeedsUser, await InstallAsync(config, "--environment-file", Keys()));
        Assert.Contains("systemd does not run this machine", _cli.Error, StringComparison.Ordinal);

        Assert.False(Directory.Exists(_folder.At("config")));
        Assert.DoesNotContain(_ran, line => line.Contains("enable", StringComparison.Ordinal) || line.Contains("restart", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_state_folder_that_an_agent_has_already_is_refused()
    {
        var config = Config("""{ "state": "taken", "drives": [ { "mount": "drive", "store": "oss", "region": "cn-hangzhou", "bucket": "demo", "credentials": "ecs" } ] }""");
        Directory.CreateDirectory(_folder.At("taken"));
        using var taken = AgentLock.TryTake(_folder.At("taken"));
        Assert.Equal(ExitCodes.NeedsUser, await InstallAsync(config));
        Assert.Contains($"an agent works on {_folder.At("taken")} already", _cli.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(UnitFile));
    }

    [Fact]
    public async Task Uninstalling_keeps_the_state_and_says_what_is_pending()
    {
        using var drive = new TestKit.TestDrive(TimeProvider.System);
        drive.MakeFile("a", [1, 2]);
        var config = Config($$"""{ "state": "{{drive.Folder}}", "drives": [ { "mount": "drive", "store": "oss", "region": "cn-hangzhou", "bucket": "demo", "credentials": "ecs" } ] }""");
        Assert.Equal(0, await InstallAsync(config));
        Assert.Equal(0, await _cli.RunAsync("service", "uninstall"));
        Assert.Contains("systemctl --user disable --now syncagent.service", _ran);
        Assert.False(File.Exists(UnitFile));
        Assert.True(File.Exists(Path.Combine(drive.Folder, "journal.db")));
        Assert.Contains($"not in the bucket {drive.Row.Bucket} yet: 1 file or folder to send (2 B)", _cli.Out, StringComparison.Ordinal);

        Assert.Equal(0, await _cli.RunAsync("service", "uninstall"));
        Assert.Contains("is not installed", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unit_of_somebody_else_is_not_removed()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(UnitFile)!);
        await File.WriteAllTextAsync(UnitFile, "[Service]\nExecStart=/bin/true\n", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("service", "uninstall"));
        Assert.True(File.Exists(UnitFile));
        Assert.DoesNotContain(_ran, line => line.Contains("disable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_status_of_a_service_is_told_for_people_and_for_scripts()
    {
        Assert.Equal(1, await _cli.RunAsync("service", "status"));
        Assert.Contains("is not installed", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(0, await InstallAsync(Config("""{ "drives": [ { "mount": "drive", "store": "oss", "region": "cn-hangzhou", "bucket": "demo", "credentials": "ecs" } ] }""")));
        _active = "active\nUnitFileState=enabled\nStatusText=3 files to send, 40 %\nMainPID=4711\nNRestarts=2";
        Assert.Equal(0, await _cli.RunAsync("service", "status", "--json"));
        var report = System.Text.Json.Nodes.JsonNode.Parse(_cli.Out)!;
        Assert.Equal(("active", true, 4711, "3 files to send, 40 %", _folder.At("state/syncagent")), (
            (string)report["state"]!, (bool)report["enabled"]!, (int)report["pid"]!, (string)report["text"]!, (string)report["stateFolder"]!));
        Assert.Equal(0, await _cli.RunAsync("service", "status"));
        Assert.Contains("starts by itself\n  3 files to send, 40 %\n  started anew after failures: 2", _cli.Out, StringComparison.Ordinal);

        // One that a package has brought is known by systemd alone.
        File.Delete(UnitFile);
        Directory.CreateDirectory(_folder.At("config/syncagent"));
        await File.WriteAllTextAsync(_folder.At("config/syncagent/config.json"), """{ "state": "/elsewhere", "drives": [] }""", TestContext.Current.CancellationToken);
        _active = "active\nFragmentPath=/usr/lib/systemd/user/syncagent.service";
        Assert.Equal(0, await _cli.RunAsync("service", "status", "--json"));
        report = System.Text.Json.Nodes.JsonNode.Parse(_cli.Out)!;
        Assert.Equal((true, "/usr/lib/systemd/user/syncagent.service", "/elsewhere"), ((bool)report["installed"]!, (string)report["unit"]!, (string)report["stateFolder"]!));
        Assert.Equal(0, await _cli.RunAsync("service", "uninstall"));
        Assert.Contains("belongs to a package", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dead_mounts_of_a_state_folder_are_cleared_only_when_no_agent_has_it()
    {
        var state = Directory.CreateDirectory(_folder.At("mine")).FullName;
        var registry = new MountRegistry(Path.Combine(_folder.Path, "syncagent"));
        registry.Add("/mnt/no-such-drive", state);
        registry.Add("/mnt/of-another", _folder.At("other"));
        using (AgentLock.TryTake(state)) Assert.Equal(0, await _cli.RunAsync("service", "clear", "--state", state));
        Assert.NotNull(registry.Find("/mnt/no-such-drive"));
        Assert.Equal(0, await _cli.RunAsync("service", "clear", "--state", state));
        Assert.Null(registry.Find("/mnt/no-such-drive"));
        Assert.NotNull(registry.Find("/mnt/of-another"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Systemd_finds_no_fault_with_the_units(bool system)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "needs systemd-analyze (package systemd)");
        var unit = new SystemdUnit
        {
            System = system, Program = ["/bin/true", "/a \"quoted\" $path 100%"], Config = "/etc/sync agent/c.json", State = "/var/lib/sync\\agent",
            EnvironmentFile = "/etc/keys 100%", Variables = new Dictionary<string, string> { ["DOTNET_ROOT"] = "/usr/lib/dot net" },
            Needs = ["/etc/sync agent", "/mnt"], StopTimeout = TimeSpan.FromSeconds(61.5),
        }.Render();
        await JudgeAsync(unit, system);
        Assert.Equal(("/var/lib/sync\\agent", "/etc/sync agent/c.json"), SystemdUnit.TryRead(unit));
        Assert.Contains("TimeoutStopSec=92\n", unit, StringComparison.Ordinal);

        Assert.Equal(0, await _cli.RunAsync(["package", "unit", "--program", "/bin/true", .. system ? (string[])["--system"] : []]));
        await JudgeAsync(_cli.Out, system);
        Assert.Contains("\nConditionPathExists=%E/syncagent/config.json\n", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("\nExecStart=\"/bin/true\" mount --foreground --config %E/syncagent/config.json\n", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(system, _cli.Out.Contains("\nEnvironment=XDG_STATE_HOME=/var/lib\n", StringComparison.Ordinal));
        Assert.Null(SystemdUnit.TryRead(_cli.Out));

        // What would hide the drives from everybody else.
        foreach (var option in (string[])["PrivateTmp", "PrivateDevices", "PrivateMounts", "ProtectSystem", "ProtectHome", "ProtectProc", "ProtectKernel", "ProtectControlGroups", "ReadOnlyPaths", "BindPaths"])
            Assert.DoesNotContain(unit.Split('\n'), line => line.StartsWith(option, StringComparison.Ordinal));
        if (!system) Assert.DoesNotContain(unit.Split('\n'), line => line.StartsWith("NoNewPrivileges", StringComparison.Ordinal) || line.StartsWith("Restrict", StringComparison.Ordinal));
    }

    private async Task JudgeAsync(string unit, bool system)
    {
        Assert.DoesNotMatch("@[A-Z_]+@", unit);
        var file = _folder.At("syncagent.service");
        await File.WriteAllTextAsync(file, unit, TestContext.Current.CancellationToken);
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", .. system ? (string[])[] : ["--user"], file])
        {
            RedirectStandardError = true, RedirectStandardOutput = true, Environment = { ["XDG_RUNTIME_DIR"] = _folder.Path },
        })!;
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(said.Split('\n'), line => line.Contains("syncagent.service", StringComparison.Ordinal));
    }

    private Task<int> InstallAsync(string config, params string[] more) => _cli.RunAsync(["service", "install", "--config", config, .. more]);

    private string Config(string text)
    {
        File.WriteAllText(_folder.At("c.json"), text);
        return _folder.At("c.json");
    }

    private string Keys()
    {
        File.WriteAllText(_folder.At("keys"), "# keys\nOSS_ACCESS_KEY_ID=id\nOSS_ACCESS_KEY_SECRET=\"the-secret\"\n");
        File.SetUnixFileMode(_folder.At("keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return _folder.At("keys");
    }
}
