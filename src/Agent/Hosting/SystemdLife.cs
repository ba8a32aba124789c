using System.Globalization;
using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Hosting;

/// <summary>
/// Keeps the service manager informed: that the drives are mounted, what is being done, that the agent's parts still move (only then the
/// watchdog is fed), and at the end that it takes longer and why. Does nothing where nobody listens.
/// </summary>
internal sealed partial class SystemdLife : IAsyncDisposable
{
    /// <summary>How often the status line is looked at.</summary>
    private static readonly TimeSpan StatusPause = TimeSpan.FromSeconds(5);

    /// <summary>How often a slow end is told, and for how much longer each time.</summary>
    private static readonly TimeSpan ExtendPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Extension = TimeSpan.FromSeconds(20);

    /// <summary>The watchdog is fed so many times in its period; each check may take as long as until the next.</summary>
    private const int BeatsPerPeriod = 4;

    private readonly string? _address;
    private readonly TimeSpan? _watchdog;
    private readonly Func<string> _status;
    private readonly Func<TimeSpan, Task<IReadOnlyList<string>>> _findSilent;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private string _told = "";

    /// <summary>Makes one.</summary>
    /// <param name="environment">Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.</param>
    /// <param name="status">The status line.</param>
    /// <param name="findSilent">Names what does not answer within a time.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public SystemdLife(
        Func<string, string?> environment, Func<string> status, Func<TimeSpan, Task<IReadOnlyList<string>>> findSilent, TimeProvider time, ILogger logger)
    {
        _address = environment(SystemdNotify.Variable);
        _watchdog = SystemdNotify.WatchdogPeriod(environment);
        _status = status;
        _findSilent = findSilent;
        _time = time;
        _logger = logger;
    }

    /// <summary>The drives are mounted.</summary>
    public void Ready()
    {
        _told = _status();
        if (!SystemdNotify.TrySend(_address, $"{SystemdNotify.Ready}\nSTATUS={_told}")) return;
        _running = Task.WhenAll(Task.Run(TellStatusAsync), _watchdog is { } period ? Task.Run(() => FeedWatchdogAsync(period)) : Task.CompletedTask);
    }

    /// <summary>The end has begun. While it lasts the manager is asked for patience, for at most <paramref name="atMost"/>.</summary>
    public async Task EndAsync(Task ending, TimeSpan atMost, Func<string> status)
    {
        if (!SystemdNotify.TrySend(_address, $"{SystemdNotify.Stopping}\nSTATUS={status()}")) return;
        var begun = _time.GetTimestamp();
        while (!ending.IsCompleted && _time.GetElapsedTime(begun) < atMost)
        {
            var microseconds = ((long)Extension.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
            SystemdNotify.TrySend(_address, $"EXTEND_TIMEOUT_USEC={microseconds}\nSTATUS={status()}");
            await ending.WaitAsync(ExtendPause, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task TellStatusAsync()
    {
        while (await PausedAsync(StatusPause))
        {
            var now = _status();
            if (now == _told) continue;
            _told = now;
            if (!SystemdNotify.TrySend(_address, $"STATUS={now}")) return; // whoever listened, as a terminal's mount line, needs no more
        }
    }

    private async Task FeedWatchdogAsync(TimeSpan period)
    {
        var pause = period / BeatsPerPeriod;
        var wasSilent = false;
        do
        {
            var silent = await _findSilent(pause);
            if (silent.Count == 0) SystemdNotify.TrySend(_address, SystemdNotify.Alive);
            else if (!wasSilent) LogSilent(string.Join(", ", silent), period.TotalSeconds);
            wasSilent = silent.Count > 0;
        }
        while (await PausedAsync(pause));
    }

    private async Task<bool> PausedAsync(TimeSpan pause)
    {
        await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_stop.IsCancellationRequested;
    }

    [LoggerMessage(5011, LogLevel.Error, "{Parts} does not answer: the service manager starts the agent anew if that lasts {Seconds} s")]
    private partial void LogSilent(string parts, double seconds);
}
