using SyncAgent.Tray.Api;
using SyncAgent.Tray.Model;

namespace SyncAgent.Tray.Notifications;

/// <summary>
/// What is worth a word on the desktop: a file that failed for good, a conflict, and the end of a long queue. The first problem is told at
/// once; those of the next minute are gathered and told together, so that a bucket that refuses ten thousand files says so twice and not
/// ten thousand times. Everything is called on one thread at a time; the timer's callback too takes the lock.
/// </summary>
internal sealed class NotificationRules(TimeProvider time, Action<Notification> show) : IDisposable
{
    /// <summary>Problems within this time after one that was told are gathered.</summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromMinutes(1);

    /// <summary>A queue that took at least this long is worth a word when it has drained: the user has gone to do something else.</summary>
    public static readonly TimeSpan LongQueue = TimeSpan.FromSeconds(30);

    /// <summary>Or one of so many files.</summary>
    public const long ManyFiles = 100;

    private readonly Lock _lock = new();
    private ProblemInfo? _gathered;
    private long _gatheredMore;
    private ITimer? _timer;
    private bool _gathering;
    private long? _busySince;
    private TimeSpan _lastQueue;
    private long _problems;
    private long? _doneShown;

    /// <summary>Takes what the agent tells, in order.</summary>
    public void Take(AgentUpdate update)
    {
        Notification? word;
        lock (_lock)
        {
            word = update switch
            {
                ProblemAppeared { Problem: var problem } when problem.Is("failed") || problem.Is("conflict") => OnProblem(problem),
                QueueDrained { Done: var done } => OnDone(done),
                StatusChanged { Status: var status } => OnStatus(status),
                _ => null,
            };
        }

        if (word is not null) show(word);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private Notification? OnStatus(StatusSnapshot status)
    {
        _problems = status.Totals.Problems;
        // The word that a queue has drained comes before or after the picture without it.
        if (status.Pending > 0) _busySince ??= time.GetTimestamp();
        else if (_busySince is { } since)
        {
            _lastQueue = time.GetElapsedTime(since);
            _busySince = null;
        }

        return null;
    }

    private Notification? OnProblem(ProblemInfo problem)
    {
        if (!_gathering)
        {
            Gather();
            return Describe(problem);
        }

        // A single one will be described, more are counted.
        if (_gathered is null) _gathered = problem;
        else _gatheredMore++;
        return null;
    }

    private void Gather()
    {
        _gathering = true;
        _timer?.Dispose();
        _timer = time.CreateTimer(_ => OnGathered(), null, Gathering, Timeout.InfiniteTimeSpan);
    }

    private void OnGathered()
    {
        Notification word;
        lock (_lock)
        {
            if (_gathered is not { } problem)
            {
                _gathering = false;
                return;
            }

            word = _gatheredMore == 0
                ? Describe(problem)
                : new Notification($"{_gatheredMore + 1} more files need you", "The menu and the status page say which, and what helps.", IsUrgent: true);
            _gathered = null;
            _gatheredMore = 0;
            Gather();
        }

        show(word);
    }

    private Notification? OnDone(DoneInfo done)
    {
        var took = _busySince is { } since ? time.GetElapsedTime(since) : _lastQueue;
        _busySince = null;
        _lastQueue = TimeSpan.Zero;
        if (done.Files == 0 || (took < LongQueue && done.Files < ManyFiles)) return null;
        if (_doneShown is { } shown && time.GetElapsedTime(shown) < Gathering) return null;
        _doneShown = time.GetTimestamp();
        var text = $"{Words.Count(done.Files, "file")} ({Words.Size(done.Bytes)}) arrived in the bucket.";
        return _problems == 0
            ? new Notification("Everything is uploaded", text, IsUrgent: false)
            : new Notification("The queue is done", $"{text} {Words.Count(_problems, "file")} {(_problems == 1 ? "needs" : "need")} you.", IsUrgent: false);
    }

    private static Notification Describe(ProblemInfo problem)
    {
        var name = Words.NameOf(problem.Path);
        var title = problem.Is("conflict") ? $"Conflict: {name}" : $"Not uploaded: {name}";
        string?[] texts = [problem.Reason, problem.Remedy];
        var text = string.Join(" ", texts.Where(part => !string.IsNullOrEmpty(part)));
        return new Notification(title, text.Length > 0 ? text : problem.Path, IsUrgent: true);
    }
}
