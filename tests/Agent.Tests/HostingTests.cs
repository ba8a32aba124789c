using System.Net.Sockets;
using System.Text;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;

namespace SyncAgent.Agent.Tests;

/// <summary>Lock, folders, processes: with the real executable where a second process is the point.</summary>
public sealed class HostingTests : IDisposable
{
    private static readonly Dictionary<string, string> Keys = new() { ["OSS_ACCESS_KEY_ID"] = "id", ["OSS_ACCESS_KEY_SECRET"] = "secret" };

    private readonly TempFolder _folder = new();

    private string[] Mount => ["mount", _folder.At("drive"), "--endpoint", "http://127.0.0.1:9", "--region", "cn-hangzhou", "--bucket", "demo", "--state", State];

    private string State => Directory.CreateDirectory(_folder.At("state")).FullName;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lock_is_held_until_it_is_given_back()
    {
        Assert.False(AgentLock.IsHeld(_folder.Path));
        using (var taken = AgentLock.TryTake(_folder.Path))
        {
            Assert.NotNull(taken);
            Assert.Null(AgentLock.TryTake(_folder.Path));
            Assert.True(AgentLock.IsHeld(_folder.Path));
        }

        Assert.False(AgentLock.IsHeld(_folder.Path));
    }

    [Fact]
    public async Task A_process_counts_as_killed_when_only_its_remains_are_there()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        Assert.False(StuckAgent.IsKilled(Environment.ProcessId));

        // Nobody asks how the first one ended: its shell has become another program.
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh", ["-c", "read line & echo $!; exec sleep 60"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        try
        {
            var pid = int.Parse((await shell.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, System.Globalization.CultureInfo.InvariantCulture);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            while (!StuckAgent.IsKilled(pid)) await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            shell.Kill();
        }
    }

    [Fact]
    public async Task A_second_agent_on_the_same_state_is_refused_by_pid()
    {
        using var taken = AgentLock.TryTake(State);
        AgentFile.Write(State, new AgentAddress(1, ControlProof.NewToken(), 4711));

        var (code, output, error) = await AgentProgram.RunAsync(Keys, [.. Mount, "--foreground"]);

        Assert.Equal(ExitCodes.NeedsUser, code);
        Assert.Contains("pid 4711", error, StringComparison.Ordinal);
        Assert.Empty(output);
        Assert.False(Directory.Exists(_folder.At("drive")));
    }

    [Fact]
    public async Task The_state_folder_is_made_private()
    {
        var state = _folder.At("state");
        Directory.CreateDirectory(state, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        await File.WriteAllTextAsync(_folder.At("file"), "", TestContext.Current.CancellationToken);
        // The mount point's parent is a file: the start fails, but only after the state folder was taken care of.
        var (code, _, _) = await AgentProgram.RunAsync(
            Keys, "mount", _folder.At("file/drive"), "--endpoint", "http://127.0.0.1:9", "--region", "cn-hangzhou", "--bucket", "demo", "--state", state, "--foreground");
        Assert.Equal(ExitCodes.NeedsUser, code);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(state));
        Assert.False(AgentLock.IsHeld(state));
        Assert.Null(AgentFile.Read(state));
    }

    [Fact]
    public async Task A_detached_start_that_fails_says_why_and_ends_alike()
    {
        await File.WriteAllTextAsync(_folder.At("file"), "", TestContext.Current.CancellationToken);
        var (code, _, error) = await AgentProgram.RunAsync(
            Keys, "mount", _folder.At("file/drive"), "--endpoint", "http://127.0.0.1:9", "--region", "cn-hangzhou", "--bucket", "demo", "--state", _folder.At("state"));
        Assert.Equal(ExitCodes.NeedsUser, code);
        Assert.Contains(_folder.At("file"), error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at SyncAgent", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_real_executable_keeps_the_exit_codes()
    {
        Assert.Equal(ExitCodes.Usage, (await AgentProgram.RunAsync(Keys, "frobnicate")).Code);
        Assert.Equal(ExitCodes.Configuration, (await AgentProgram.RunAsync(Keys, [.. Mount, "--part-size", "x"])).Code);
        Assert.Equal(ExitCodes.TimedOut, (await AgentProgram.RunAsync(Keys, "wait", "--state", _folder.At("none"), "--timeout", "0")).Code);
    }

    [Fact]
    public async Task The_development_store_runs_until_it_is_told_to_stop()
    {
        using var process = AgentProgram.Start(Keys, "dev-store", "--root", _folder.At("store"), "--port", "0", "--bucket", "demo");
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        var endpoint = line!.Split(' ').First(word => word.StartsWith("http://", StringComparison.Ordinal)).TrimEnd(',');
        var cli = new Support.Cli();
        Assert.Equal(0, await cli.RunAsync("ls", "--endpoint", endpoint, "--region", "cn-hangzhou", "--bucket", "demo"));

        Signal(process.Id, 15);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task A_detached_child_leads_its_own_session_and_its_end_is_seen()
    {
        var log = _folder.At("log");
        var child = DetachedProcess.Start(
            "/bin/sh", ["-c", "read -r line && exit 1; echo \"$GREETING\" $(cut -d' ' -f6 /proc/self/stat) $$; exit 7"], log,
            new Dictionary<string, string> { ["GREETING"] = "hello" });
        Assert.Equal(7, await child.WaitForExitAsync());
        Assert.Equal($"hello {child.Pid} {child.Pid}\n", await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(log));
    }

    [Fact]
    public async Task A_detached_child_that_is_killed_tells_the_signal()
    {
        var child = DetachedProcess.Start("/bin/sh", ["-c", "kill -9 $$"], _folder.At("log"), new Dictionary<string, string>());
        Assert.Equal(128 + 9, await child.WaitForExitAsync());
    }

    [Fact]
    public async Task Whoever_listens_is_notified()
    {
        Assert.False(SystemdNotify.TrySend(null, SystemdNotify.Ready));
        Assert.False(SystemdNotify.TrySend(_folder.At("nobody"), SystemdNotify.Ready));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder.At("notify")));
        Assert.True(SystemdNotify.TrySend(_folder.At("notify"), SystemdNotify.Ready));
        var buffer = new byte[64];
        var length = await socket.ReceiveAsync(buffer, SocketFlags.None, TestContext.Current.CancellationToken);
        Assert.Equal("READY=1", Encoding.UTF8.GetString(buffer, 0, length));
    }

    [Theory]
    [InlineData("/x/state", "/home/me", "/x/state/syncagent")]
    [InlineData("relative", "/home/me", "/home/me/.local/state/syncagent")]
    [InlineData(null, "/home/me", "/home/me/.local/state/syncagent")]
    public void The_default_state_folder_follows_the_xdg_rules(string? state, string home, string expected) => Assert.Equal(
        expected, StateFolder.Default(name => name switch { "XDG_STATE_HOME" => state, "HOME" => home, _ => null }));

    private static void Signal(int pid, int signal)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", pid.ToString()]);
        kill.WaitForExit();
    }

    [Theory]
    [InlineData(0x01021994u, "in memory")]
    [InlineData(0x6969u, "NFS")]
    [InlineData(0xFF534D42u, "SMB")]
    [InlineData(0x65735546u, "FUSE")]
    [InlineData(0xEF53u, null)] // ext4
    [InlineData(0x9123683Eu, null)] // btrfs
    public void A_disk_that_forgets_or_is_not_here_is_warned_about(uint type, string? says)
    {
        var warning = StateDisk.Warning("/state", type);
        if (says is null) Assert.Null(warning);
        else Assert.Contains(says, warning, StringComparison.Ordinal);
    }

    [Fact]
    public void The_disk_is_asked_by_its_type()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "no tmpfs here");
        Assert.Contains("in memory", StateDisk.Warning("/dev/shm"), StringComparison.Ordinal);
        StateDisk.RefuseOwnDrive(_folder.At("not/there/yet"));
    }
}
