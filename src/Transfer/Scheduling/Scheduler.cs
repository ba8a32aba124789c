using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// One drive's loop: reads what is due from the journal page by page, gives it to workers, and stops workers whose file changed.
/// Small files, large files, copies and deletions have places of their own (see .Places). Nothing here holds the backlog in memory.
/// </summary>
internal sealed partial class Scheduler : IWorkerEvents
{
    private const int MaxWaiters = 256;

    /// <summary>Stands for the deletions where items are held by number; no node has it.</summary>
    private const long Deletions = long.MinValue;

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly TransferContext _context;
    private readonly Func<long, bool> _isBeingWritten;
    private readonly StoreWatch _watch;
    private readonly PlanGatherer _gatherer;
    private readonly UploadCheckpoint _checkpoint;
    private readonly NodeWorker _worker;
    private readonly DoomedWorker _doomedWorker;
    private readonly DoomedPages _doomed;
    private readonly UploadReaper _reaper;
    private readonly Lane<NodeRow> _small;
    private readonly Lane<NodeRow> _large;
    private readonly ChangeSubscription _feed;
    private readonly ConcurrentDictionary<long, NodeJob> _jobs = new();
    private readonly ConcurrentDictionary<long, bool> _waiters = new();
    private readonly ConcurrentDictionary<long, bool> _again = new();
    private readonly ConcurrentDictionary<long, long> _held = new();
    private readonly ConcurrentDictionary<Task, bool> _tasks = new();
    private int _deletionsRunning;
    private int _copying;
    private int _isUnwritable;
    private bool _isRecovered;
    private long _lookAgain;
    private int _askWaiters;
    private int _lookWanted;
    private int _reapWanted = 1;
    private long _reapNotBefore;
    private int _reapFailures;
    private long _reapAgain = long.MaxValue;
    private Task _reaping = Task.CompletedTask;
    private TaskCompletionSource? _asked;
    private volatile bool _isEnded;

    public Scheduler(TransferContext context, Func<long, bool> isBeingWritten)
    {
        var options = context.Options;
        _context = context;
        _isBeingWritten = isBeingWritten;
        _feed = context.Journal.Feed.Subscribe(ChangeKinds.Desired | ChangeKinds.Work);
        _watch = new StoreWatch(context, OnAnswer);
        _gatherer = new PlanGatherer(context);
        _checkpoint = new UploadCheckpoint(context);
        var quiet = new QuietPeriods(context, isBeingWritten);
        _worker = new NodeWorker(context, _gatherer, Parts.Compose(context, _checkpoint), _checkpoint, quiet, _watch, this);
        Gate = new MassDeleteGate(context);
        _doomed = new DoomedPages(context);
        var trash = new TrashBin(context, _checkpoint, new UploadStarter(context, _checkpoint));
        _doomedWorker = new DoomedWorker(context, _watch, new DoomedCheck(context), trash, Gate);
        _reaper = new UploadReaper(context, _checkpoint, new Strays(context), node => node < 0 ? _doomed.IsTaken(-node) : _jobs.ContainsKey(node));
        _small = new Lane<NodeRow>(options.FilesAtOnce - options.LargeFilesAtOnce, limit => DueNodes(large: false, limit));
        _large = new Lane<NodeRow>(options.LargeFilesAtOnce, limit => DueNodes(large: true, limit));
    }

    /// <summary>Asks before mass deletions.</summary>
    public MassDeleteGate Gate { get; }

    public StoreHealth Health => _watch.Health;

    public IReadOnlyList<TransferProgress> Active => [.. _jobs.Values.Select(Describe).OfType<TransferProgress>()];

    /// <summary>Everything that waits after a failure is due now.</summary>
    public void Wake()
    {
        RetryAll();
        _watch.Wake();
    }

    /// <summary>Ends when the loop has taken a turn after this call, or has ended.</summary>
    public Task AnswersAsync()
    {
        var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = Interlocked.CompareExchange(ref _asked, fresh, null) ?? fresh;
        if (_isEnded) asked.TrySetResult();
        else WakeLoop();
        return asked.Task;
    }

    /// <summary>Runs until stopped; returns when all workers have ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        _context.Pause.Changed += WakeLoop;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var asked = Interlocked.Exchange(ref _asked, null);
                var wait = Turn(stop);
                asked?.TrySetResult();
                await _feed.WaitAsync(wait, _context.Time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // stopped
        }

        _context.Pause.Changed -= WakeLoop;
        _isEnded = true;
        Interlocked.Exchange(ref _asked, null)?.TrySetResult();
        await Task.WhenAll(_tasks.Keys);
        await _reaping;
        await _watch.WhenIdleAsync();
        _feed.Dispose();
    }

    /// <inheritdoc/>
    public void Begins(NodeJob job) => Check(job);

    /// <inheritdoc/>
    public void Waits(long node, string key)
    {
        if (_waiters.Count < MaxWaiters) _waiters[node] = true;
        foreach (var upload in _gatherer.ForeignUploads(node, key))
        {
            if (_jobs.TryGetValue(upload.Node, out var job)) Check(job);
            else if (upload.Phase != UploadPhase.Aborting && _context.KeyOf(upload.Node) != key) _checkpoint.Abandon([upload]);
            WantReap();
        }
    }

    private TimeSpan Turn(CancellationToken stop)
    {
        try
        {
            if (!_isRecovered) _reaper.Recover();
            _isRecovered = true;
            if (!Look()) return _lookAgain == long.MaxValue ? Timeout.InfiniteTimeSpan : Until(_lookAgain);
            _lookAgain = long.MaxValue;
            if (_context.Journal.Disk.Trouble is not null) return AgainAfterError(); // nothing could be noted; the disk is told once, by who notices
            if (!_watch.MayStart) return Timeout.InfiniteTimeSpan; // the watch wakes the loop
            var before = _context.Now; // what becomes due while the lanes are filled must not be overlooked
            if (!_context.Pause.IsPaused) FillLanes(stop); // what was given up is aborted all the same
            var reap = Reap(stop);
            var due = _context.Reader.NextDue(_context.Drive.Id, before) is { } next ? Until(next) : Timeout.InfiniteTimeSpan;
            foreach (var held in _held.Values) due = Sooner(due, Until(held));
            due = Sooner(due, reap);
            if (due != Timeout.InfiniteTimeSpan) _lookAgain = _context.Now + (long)due.TotalMilliseconds;
            return due;
        }
        catch (JournalException e)
        {
            NoteUnwritable(e);
            return AgainAfterError();
        }
        catch (Exception e)
        {
            // A journal that cannot be read or written, or a fault of this program: either way the drive must not stand still for ever.
            _context.Logger.LogError(e, "the transfers of drive {Drive} cannot be planned; they are tried again", _context.Drive.Id);
            return AgainAfterError();
        }
    }

    private TimeSpan AgainAfterError()
    {
        _lookAgain = _context.Now + (long)AfterError.TotalMilliseconds;
        return AfterError;
    }

    /// <summary>The journal took no commit: a disk that is full or fails, which is told once and not by each file that meets it.</summary>
    private void NoteUnwritable(JournalException e)
    {
        if (_context.Journal.Disk.Trouble is not null || Interlocked.Exchange(ref _isUnwritable, 1) != 0) return;
        _context.Logger.LogError(e, "the transfers of drive {Drive} cannot be noted in the journal; they are tried again", _context.Drive.Id);
    }

    /// <summary>Stops what the changes made stale. Returns whether anything may be startable now that was not before: a change of the
    /// user's side alone cannot be, since it is neither due nor durable yet, and asking the journal at each would slow the user down.</summary>
    private bool Look()
    {
        var changes = _feed.Take();
        var startable = Interlocked.Exchange(ref _lookWanted, 0) != 0 || changes.Count == 0
            || Volatile.Read(ref _askWaiters) != 0 || _context.Now >= _lookAgain;
        if (Interlocked.Exchange(ref _askWaiters, 0) != 0 || changes.Values.Any(kinds => (kinds & ChangeKinds.Work) != 0)) PreferWaiters();
        foreach (var (node, kinds) in changes)
        {
            if ((kinds & ChangeKinds.Desired) != 0)
            {
                _held.TryRemove(node, out _);
                if (_jobs.TryGetValue(node, out var job)) Check(job);
                else if ((kinds & ChangeKinds.Work) != 0) WantReap(); // gone
            }

            if (node == 0) WantReap();
            startable |= (kinds & ChangeKinds.Work) != 0;
        }

        return startable;
    }

    /// <summary>Something moved: whoever waits for a name is asked again, whenever it would be due.</summary>
    private void PreferWaiters()
    {
        foreach (var id in _waiters.Keys)
        {
            if (!_waiters.TryRemove(id, out _) || _context.Reader.Node(id) is not { } node) continue;
            (node.Size > _context.Options.MultipartThreshold ? _large : _small).Prefer(node);
        }
    }

    /// <summary>Runs a worker. Whatever it throws is the fault of this program or of the journal: it is logged and the one item
    /// rests, and the others go on.</summary>
    private void Run(Func<Task> work, long item)
    {
        var task = Task.Run(async () =>
        {
            try
            {
                await work();
                Volatile.Write(ref _isUnwritable, 0);
            }
            catch (JournalException e)
            {
                _held[item] = _context.Now + (long)_context.Options.MaxBackoff.TotalMilliseconds;
                NoteUnwritable(e);
            }
            catch (Exception e)
            {
                _held[item] = _context.Now + (long)_context.Options.MaxBackoff.TotalMilliseconds;
                _context.Logger.LogError(e, "work on {Item} of drive {Drive} ended unexpectedly; it is tried again", item, _context.Drive.Id);
            }
        });
        _tasks.TryAdd(task, true);
        _ = task.ContinueWith(
            done =>
            {
                _tasks.TryRemove(done, out bool _);
                WakeLoop();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private TimeSpan Reap(CancellationToken stop)
    {
        if (!_reaping.IsCompleted) return Timeout.InfiniteTimeSpan;
        if (_context.Now < _reapNotBefore) return Until(_reapNotBefore);
        if (Interlocked.Exchange(ref _reapWanted, 0) == 0 && _context.Now < _reapAgain)
            return _reapAgain == long.MaxValue ? Timeout.InfiniteTimeSpan : Until(_reapAgain);
        _reapAgain = long.MaxValue;
        _reaping = Task.Run(() => ReapAsync(stop), CancellationToken.None);

        // Only when it counts as ended: woken from within it, the loop would find it still running and never be woken again.
        _ = _reaping.ContinueWith(_ => WakeLoop(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return Timeout.InfiniteTimeSpan;
    }

    private async Task ReapAsync(CancellationToken stop)
    {
        try
        {
            var again = await _reaper.RunAsync(stop);
            _reapFailures = 0;
            _reapNotBefore = 0;
            _reapAgain = again ?? long.MaxValue;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e) when (e is StoreException or JournalException)
        {
            if (e is StoreException store) _watch.Report(store, stop);
            _reapNotBefore = _context.Now + (long)_context.Backoff.Transient(++_reapFailures).TotalMilliseconds;
            WantReap();
        }
    }

    private void Check(NodeJob job)
    {
        if (job.Sending is not { } sending) return;
        var node = _context.Reader.Node(job.Node);
        var key = node is null ? null : _context.KeyOf(node.Id);
        var wanted = key != sending.Key && _context.WantedBy(sending.Key) is { } other && other.Id != job.Node;
        var now = new SendingNow(node, key, node?.Open is not null && _isBeingWritten(job.Node), wanted);
        var decision = SupersedeRules.Decide(sending, now, job.Progress.Confirmed, _context.Options);
        if (decision != Superseded.No) job.Supersede(decision);
    }

    private void OnAnswer(bool wasOffline)
    {
        if (wasOffline) RetryAll();
        else WakeLoop();
    }

    private void RetryAll()
    {
        try
        {
            _context.Journal.Commit(writer => writer.DueNow(_context.Drive.Id, _context.Now));
        }
        catch (JournalException e)
        {
            NoteUnwritable(e); // what waits keeps its time
        }

        _held.Clear();
        _reapNotBefore = 0;
        WantReap();
        WakeLoop();
    }

    private void WantReap() => Volatile.Write(ref _reapWanted, 1);

    private void WakeLoop()
    {
        Volatile.Write(ref _lookWanted, 1);
        try
        {
            _feed.Wake();
        }
        catch (ObjectDisposedException)
        {
            // stopped meanwhile: nobody is to be woken
        }
    }

    private bool IsHeld(long item)
    {
        if (!_held.TryGetValue(item, out var until)) return false;
        if (until > _context.Now) return true;
        _held.TryRemove(item, out _);
        return false;
    }

    private IReadOnlyList<NodeRow> DueNodes(bool large, int limit) => _context.Reader.DueNodes(
        _context.Drive.Id, _context.Now, _context.Journal.DurableSequence, _context.Options.MultipartThreshold, large, limit);

    private TimeSpan Until(long due) => TimeSpan.FromMilliseconds(Math.Max(1, due - _context.Now));

    private static TimeSpan Sooner(TimeSpan a, TimeSpan b) =>
        a == Timeout.InfiniteTimeSpan ? b : b == Timeout.InfiniteTimeSpan ? a : a < b ? a : b;

    private static TransferProgress? Describe(NodeJob job) => job.Sending is { } sending
        ? new TransferProgress(job.Node, sending.Key, sending.Generation, job.Progress.Transferred, sending.Total, sending.Started, sending.ToTheEnd)
        {
            BytesPerSecond = job.Progress.BytesPerSecond,
        }
        : null;
}
