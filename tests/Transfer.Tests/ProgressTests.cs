using Microsoft.Extensions.Logging;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>What a listener is told, by a clock that moves only when told.</summary>
public sealed class ProgressTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly Recorder _events = new();
    private readonly ManualResetEventSlim _gate = new();

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task A_transfer_is_told_in_order()
    {
        await using (var monitor = new TransferMonitor(_events, _time))
        {
            monitor.Begin(100);
            monitor.Add(60);
            await TickAsync();
            monitor.Add(40);
            monitor.Complete();
        }

        _events.CheckContract(100);
        Assert.Equal(
            [TransferEventKind.Started, TransferEventKind.LengthKnown, TransferEventKind.BytesTransferred, TransferEventKind.BytesTransferred, TransferEventKind.Completed],
            _events.All.Select(e => e.Kind));
    }

    [Fact]
    public async Task A_failure_is_the_last_word_and_says_why()
    {
        var error = new InvalidOperationException("why");
        await using (var monitor = new TransferMonitor(_events, _time))
        {
            monitor.Begin(100);
            monitor.Add(60);
            monitor.Fail(error);
        }

        _events.CheckFailed();
        Assert.Equal((60, error), (_events.All[^1].Transferred, _events.All[^1].Error));
    }

    [Fact]
    public async Task At_most_one_report_of_bytes_in_a_tenth_of_a_second()
    {
        await using var monitor = new TransferMonitor(_events, _time);
        monitor.Begin(1_000_000);
        await _events.UntilAsync(all => all.Count == 2);
        for (var turn = 1; turn <= 10; turn++)
        {
            await ArmedAsync();
            for (var piece = 0; piece < 50; piece++) monitor.Add(10);
            _time.Advance(Interval / 2);
            Assert.Equal(turn - 1, Bytes().Count);
            _time.Advance(Interval / 2);
            await _events.UntilAsync(all => all.Count(e => e.Kind == TransferEventKind.BytesTransferred) == turn);
            Assert.Equal((500, 500 * turn), (Bytes()[^1].Increment, Bytes()[^1].Transferred));
        }

        await TickAsync(); // nothing new: nothing told
        await ArmedAsync();
        Assert.Equal(10, Bytes().Count);
    }

    [Fact]
    public async Task A_part_that_is_sent_again_takes_its_bytes_back_and_what_is_shown_waits()
    {
        await using (var monitor = new TransferMonitor(_events, _time))
        {
            monitor.Begin(100);
            monitor.Add(70);
            await TickAsync();
            monitor.TakeBack(50);
            Assert.Equal(70, monitor.Transferred);
            monitor.Add(40); // 60 really
            await TickAsync();
            Assert.Equal(70, monitor.Transferred);
            monitor.Add(25);
            Assert.Equal(85, monitor.Transferred);
            monitor.Add(15);
            monitor.Complete();
        }

        _events.CheckContract(100);
    }

    [Fact]
    public async Task What_is_shown_never_exceeds_the_total()
    {
        await using var monitor = new TransferMonitor(_events, _time);
        monitor.Begin(100);
        monitor.Add(90);
        monitor.Add(90); // a repetition whose former bytes are not back yet
        Assert.Equal(100, monitor.Transferred);
        monitor.TakeBack(90);
        Assert.Equal(100, monitor.Transferred);
    }

    [Fact]
    public async Task A_new_attempt_is_told_and_begins_from_zero()
    {
        await using (var monitor = new TransferMonitor(_events, _time))
        {
            monitor.Begin(100);
            monitor.Add(70);
            await TickAsync();
            monitor.Begin(80);
            Assert.Equal((0, 80), (monitor.Transferred, monitor.Total));
            monitor.Add(80);
            monitor.Complete();
        }

        _events.CheckContract(80);
        Assert.Equal(2, _events.All.Count(e => e.Kind == TransferEventKind.Started));
    }

    [Fact]
    public async Task A_length_that_is_not_known_yet_is_told_later()
    {
        await using (var monitor = new TransferMonitor(_events, _time))
        {
            monitor.Begin(null);
            monitor.Add(10);
            await TickAsync();
            monitor.SetTotal(30);
            monitor.SetTotal(30);
            monitor.Add(20);
            monitor.Complete();
        }

        _events.CheckContract(30);
        Assert.Equal([null, null, 30L, 30L, 30L], _events.All.Select(e => e.Total));
        Assert.Single(_events.All, e => e.Kind == TransferEventKind.LengthKnown);
    }

    [Fact]
    public async Task Random_work_of_many_parts_keeps_the_contract()
    {
        const int total = 100_000;
        await using (var monitor = new TransferMonitor(_events, _time))
        {
            for (var attempt = 0; attempt < 3; attempt++)
            {
                monitor.Begin(total);
                await Parallel.ForEachAsync(Enumerable.Range(0, 100), async (part, _) =>
                {
                    var random = new Random(part);
                    for (var tries = random.Next(3); tries > 0; tries--)
                    {
                        var sent = random.Next(1000);
                        monitor.Add(sent);
                        await Task.Yield();
                        monitor.TakeBack(sent);
                    }

                    for (var piece = 0; piece < 10; piece++) monitor.Add(100);
                    if (part % 10 == 0) _time.Advance(Interval);
                });
            }

            monitor.Complete();
        }

        _events.CheckContract(total);
    }

    [Fact]
    public async Task A_listener_that_hangs_holds_nothing_up_beyond_its_grace()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _events.OnReport = _ =>
        {
            entered.TrySetResult();
            _gate.Wait();
        };
        var monitor = new TransferMonitor(_events, _time);
        await Task.Run(() =>
        {
            monitor.Begin(100);
            for (var piece = 0; piece < 100; piece++) monitor.Add(1);
            monitor.Complete();
        }, default).WaitAsync(UploadRig.Watchdog);
        await entered.Task.WaitAsync(UploadRig.Watchdog);
        var ending = monitor.DisposeAsync().AsTask();
        await ArmedAsync();
        _time.Advance(Grace - TimeSpan.FromMilliseconds(1));
        Assert.False(ending.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await ending.WaitAsync(UploadRig.Watchdog);

        // It gets the rest when it wakes up.
        _gate.Set();
        await _events.UntilAsync(all => all.Any(e => e.Kind == TransferEventKind.Completed));
        _events.CheckContract(100);
    }

    [Fact]
    public async Task Reports_add_up_while_a_listener_is_busy()
    {
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _events.OnReport = e =>
        {
            if (e.Kind != TransferEventKind.BytesTransferred || !busy.TrySetResult()) return;
            _gate.Wait();
        };
        await using (var monitor = new TransferMonitor(_events, _time))
        {
            monitor.Begin(1000);
            await _events.UntilAsync(all => all.Count == 2);
            await ArmedAsync();
            monitor.Add(1);
            // The pump may go on on the thread that moves the clock.
            var tick = Task.Run(() => _time.Advance(Interval), default);
            await busy.Task.WaitAsync(UploadRig.Watchdog);
            for (var piece = 0; piece < 100; piece++)
            {
                monitor.Add(9);
                _time.Advance(Interval);
            }

            _gate.Set();
            await tick.WaitAsync(UploadRig.Watchdog);
            monitor.Add(99);
            monitor.Complete();
        }

        _events.CheckContract(1000);
        Assert.InRange(Bytes().Count, 2, 3);
    }

    [Fact]
    public async Task A_listener_that_throws_is_not_called_again_and_the_log_says_so()
    {
        var log = new OneLog();
        var calls = 0;
        _events.OnReport = _ =>
        {
            calls++;
            throw new InvalidOperationException("a bug of somebody else");
        };
        await using (var monitor = new TransferMonitor(_events, _time, log))
        {
            monitor.Begin(100);
            monitor.Add(100);
            monitor.Complete();
        }

        Assert.Equal(1, calls);
        Assert.Equal("a bug of somebody else", Assert.IsType<InvalidOperationException>(log.Error).Message);
    }

    [Fact]
    public async Task Without_a_listener_the_counters_work()
    {
        await using var monitor = new TransferMonitor(null, _time);
        monitor.Begin(100);
        monitor.Add(50);
        monitor.Confirm(40);
        monitor.Complete();
        Assert.Equal((50, 100, 40), (monitor.Transferred, monitor.Total, monitor.Confirmed));
        Assert.Equal(0, _time.ArmedTimers);
    }

    private IReadOnlyList<TransferEvent> Bytes() => [.. _events.All.Where(e => e.Kind == TransferEventKind.BytesTransferred)];

    /// <summary>Lets a tenth of a second pass, and the pump take notice.</summary>
    private async Task TickAsync()
    {
        await ArmedAsync();
        _time.Advance(Interval);
        await ArmedAsync();
    }

    /// <summary>The pump, or whoever ends it, waits for the clock.</summary>
    private Task ArmedAsync() => UntilAsync(() => _time.ArmedTimers > 0);

    private static async Task UntilAsync(Func<bool> reached)
    {
        using var watchdog = new CancellationTokenSource(UploadRig.Watchdog);
        while (!reached())
        {
            watchdog.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class OneLog : ILogger
    {
        public Exception? Error { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Error = exception;
    }
}
