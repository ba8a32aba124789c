using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Composition;

/// <summary>Follows what all drives have still to do, for those who are not to ask the journal themselves each time.</summary>
internal sealed partial class BacklogWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Counting may take at most this part of the time: with a hundred thousand files it is no matter of a millisecond.</summary>
    private const int Share = 100;

    private readonly AgentHost _host;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private Backlog _now = Backlog.None;
    private long _seen = -1;
    private long _left;
    private long _sent;

    /// <summary>Makes one; <see cref="Start"/> begins to look.</summary>
    public BacklogWatch(AgentHost host, TimeProvider time, ILogger logger)
    {
        _host = host;
        _time = time;
        _logger = logger;
    }

    /// <summary>The last picture.</summary>
    public Backlog Now => Volatile.Read(ref _now);

    /// <summary>The picture has changed. Called on the thread that looks: the next look waits for it.</summary>
    public event Action<Backlog>? Changed;

    /// <summary>Looks at once, and then about once a second.</summary>
    public void Start()
    {
        Look();
        _running = Task.Run(RunAsync);
    }

    /// <summary>Takes a new picture.</summary>
    internal void Look()
    {
        var drives = _host.Drives;
        var sequence = _host.Journal.CommittedSequence;
        var busy = drives.Any(drive => drive.Active.Count > 0);
        var goesOn = drives.Any(GoesOn);
        if (sequence == _seen && !busy && goesOn == Now.GoesOn) return;
        _seen = sequence;
        var pending = Backlog.None.Pending;
        long underWay = 0;
        goesOn = false;
        foreach (var drive in drives)
        {
            var own = Pending.Of(_host.Journal, _host.Reader, drive.Row.Id);
            pending = new PendingSummary(pending.Files + own.Files, pending.Bytes + own.Bytes, pending.Deletes + own.Deletes, pending.Attention + own.Attention);
            underWay += drive.Active.Sum(file => Math.Min(file.Sent, file.Total));
            goesOn |= own.Files + own.Deletes > 0 && GoesOn(drive);
        }

        var next = new Backlog(pending, PercentOf(pending.Bytes, underWay), goesOn);
        if (next == Now) return;
        Volatile.Write(ref _now, next);
        Changed?.Invoke(next);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private static bool GoesOn(ILiveDrive drive) => !drive.IsPaused && drive.Health.State is "ok" or "unknown";

    // What has left the journal's count was sent, or is not wanted any more: either way it is not to be waited for.
    private int PercentOf(long left, long underWay)
    {
        if (left == 0) _sent = 0;
        else if (left < _left) _sent += _left - left;
        _left = left;
        var all = _sent + left;
        return all == 0 ? 0 : (int)Math.Clamp((_sent + underWay) * 100 / all, 0, 99);
    }

    private async Task RunAsync()
    {
        var pause = Pause;
        while (true)
        {
            await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested) return;
            var begun = Stopwatch.GetTimestamp();
            try
            {
                Look();
            }
            catch (JournalException e)
            {
                LogUnreadable(e);
            }

            var spent = Stopwatch.GetElapsedTime(begun) * Share;
            pause = spent > Pause ? spent : Pause;
        }
    }

    [LoggerMessage(5010, LogLevel.Debug, "what is pending cannot be counted now")]
    private partial void LogUnreadable(Exception error);
}
