using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>What the service manager is told, and that the watchdog is fed only by what really answers.</summary>
public sealed class SystemdLifeTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Socket _ear = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Dictionary<string, string> _environment = [];

    public SystemdLifeTests()
    {
        _ear.Bind(new UnixDomainSocketEndPoint(_folder.At("notify")));
        _environment["NOTIFY_SOCKET"] = _folder.At("notify");
    }

    public void Dispose()
    {
        _ear.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_watchdog_is_fed_while_everything_answers_and_not_while_something_is_stuck()
    {
        _environment["WATCHDOG_USEC"] = "40000000";
        IReadOnlyList<string> silent = [];
        var asked = 0;
        await using var life = Life(() => "idle", _ =>
        {
            Interlocked.Increment(ref asked);
            return Task.FromResult(silent);
        });
        life.Ready();
        Assert.Equal("READY=1\nSTATUS=idle", await HearAsync());
        Assert.Equal("WATCHDOG=1", await HearAsync());
        await StepAsync(10);
        Assert.Equal("WATCHDOG=1", await HearAsync());

        silent = ["the journal"];
        await StepAsync(10);
        await StepAsync(10);
        silent = [];
        await StepAsync(10);
        Assert.Equal("WATCHDOG=1", await HearAsync());
        Assert.Equal(0, _ear.Available);
        Assert.Equal(5, asked); // two of them in vain
    }

    [Fact]
    public async Task The_status_line_is_told_when_it_changes()
    {
        var status = "nothing pending";
        await using var life = Life(() => status, _ => throw new InvalidOperationException("there is no watchdog"));
        life.Ready();
        Assert.Equal("READY=1\nSTATUS=nothing pending", await HearAsync());
        status = "3 files or folders to send (10 MiB), 40 %";
        await StepAsync(5);
        Assert.Equal("STATUS=3 files or folders to send (10 MiB), 40 %", await HearAsync());
    }

    [Fact]
    public async Task A_slow_end_asks_for_more_time_but_not_for_ever()
    {
        await using var life = Life(() => "", _ => Task.FromResult<IReadOnlyList<string>>([]));
        var ending = new TaskCompletionSource();
        var waiting = life.EndAsync(ending.Task, TimeSpan.FromSeconds(12), () => "unmounting");
        Assert.Equal("STOPPING=1\nSTATUS=unmounting", await HearAsync());
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("EXTEND_TIMEOUT_USEC=20000000\nSTATUS=unmounting", await HearAsync());
            await StepAsync(5);
        }

        await waiting.WaitAsync(Bound, TestContext.Current.CancellationToken);
        Assert.Equal(0, _ear.Available);
        ending.SetResult();
    }

    [Theory]
    [InlineData("30000000", null, 30)]
    [InlineData("30000000", "1", null)]
    [InlineData("", null, null)]
    [InlineData("0", null, null)]
    public void A_watchdog_of_another_process_is_no_matter_of_ours(string period, string? pid, int? seconds) => Assert.Equal(
        seconds is { } wanted ? TimeSpan.FromSeconds(wanted) : null,
        SystemdNotify.WatchdogPeriod(name => name == "WATCHDOG_USEC" ? period : name == "WATCHDOG_PID" ? pid : null));

    [Fact]
    public async Task Vital_signs_name_what_does_not_answer()
    {
        await using var agent = await TestAgent.StartAsync();
        var signs = new VitalSigns(agent.Host, TimeProvider.System);
        Assert.Empty(await signs.FindSilentAsync(Bound));

        var stuck = new TaskCompletionSource();
        agent.Live.Answer = stuck.Task;
        Assert.Equal(["the drive at /mnt/x"], await signs.FindSilentAsync(TimeSpan.FromMilliseconds(20)));
        stuck.SetException(new IOException("a disk that fails answers too"));
        Assert.Empty(await signs.FindSilentAsync(Bound));
    }

    [Fact]
    public async Task A_writer_of_the_journal_that_hangs_is_noticed()
    {
        await using var agent = await TestAgent.StartAsync();
        var signs = new VitalSigns(agent.Host, TimeProvider.System);
        using var hang = new ManualResetEventSlim();
        using var hanging = new ManualResetEventSlim();
        var commit = Task.Factory.StartNew(
            () => agent.Drive.Journal.Commit(_ =>
            {
                hanging.Set();
                hang.Wait();
            }),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(hanging.Wait(Bound, TestContext.Current.CancellationToken));
        Assert.Contains("the journal", await signs.FindSilentAsync(TimeSpan.FromMilliseconds(20)));
        hang.Set();
        await commit;
        Assert.Empty(await signs.FindSilentAsync(Bound));
    }

    private SystemdLife Life(Func<string> status, Func<TimeSpan, Task<IReadOnlyList<string>>> findSilent) =>
        new(_environment.GetValueOrDefault, status, findSilent, _time, NullLogger.Instance);

    private async Task<string> HearAsync()
    {
        var buffer = new byte[1024];
        using var patience = new CancellationTokenSource(Bound);
        return Encoding.UTF8.GetString(buffer, 0, await _ear.ReceiveAsync(buffer, SocketFlags.None, patience.Token));
    }

    /// <summary>Moves the clock, as soon as somebody waits for exactly that long.</summary>
    private async Task StepAsync(int seconds)
    {
        var step = TimeSpan.FromSeconds(seconds);
        using var patience = new CancellationTokenSource(Bound);
        while (!_time.IsArmed(step)) await Task.Delay(5, patience.Token);
        _time.Advance(step);
    }
}
