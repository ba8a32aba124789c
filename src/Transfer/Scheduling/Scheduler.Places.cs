using SyncAgent.Journal;

namespace SyncAgent.Transfer;

internal sealed partial class Scheduler
{
    /// <inheritdoc/>
    public void Copies(NodeJob job)
    {
        if (job.IsBesideLanes) return;
        if (Interlocked.Increment(ref _copying) > _context.Options.CopiesAtOnce)
        {
            Interlocked.Decrement(ref _copying);
            return; // it keeps its place in the lane
        }

        job.MoveBesideLanes(() => Interlocked.Decrement(ref _copying));
        WakeLoop();
    }

    private void FillLanes(CancellationToken stop)
    {
        var busy = _jobs.Count + _held.Count;
        _large.Fill(busy, node => StartNode(node, _large, stop));
        _small.Fill(busy, node => StartNode(node, _small, stop));
        FillDeletions(stop);
    }

    private bool StartNode(NodeRow row, Lane<NodeRow> lane, CancellationToken stop)
    {
        var node = row.Id;
        if (IsHeld(node)) return false;
        var job = new NodeJob(node, isUrgent: row.Due > _context.Now, _context.Time, stop);
        if (!_jobs.TryAdd(node, job))
        {
            if (job.IsUrgent) _again[node] = true;
            job.Dispose();
            return false;
        }

        job.TakePlace(lane.Leave);
        Run(async () =>
        {
            try
            {
                await _worker.RunAsync(job, stop);
            }
            finally
            {
                _jobs.TryRemove(node, out _);
                job.Dispose();
                job.LeavePlace();
                WantReap();
                if (_again.TryRemove(node, out _))
                {
                    _waiters[node] = true;
                    Volatile.Write(ref _askWaiters, 1);
                }
            }
        }, node);
        return true;
    }

    private void FillDeletions(CancellationToken stop)
    {
        if (IsHeld(Deletions) || Volatile.Read(ref _deletionsRunning) >= _context.Options.DeletesAtOnce) return;
        var unasked = Gate.IsOpen();
        while (Volatile.Read(ref _deletionsRunning) < _context.Options.DeletesAtOnce && _doomed.Take(unasked) is { Count: > 0 } page)
        {
            Interlocked.Increment(ref _deletionsRunning);
            Run(async () =>
            {
                try
                {
                    await _doomedWorker.RunAsync(page, stop);
                }
                finally
                {
                    _doomed.Release(page);
                    WantReap(); // what it left behind was its own until now
                    Interlocked.Decrement(ref _deletionsRunning);
                }
            }, Deletions);
        }
    }
}
