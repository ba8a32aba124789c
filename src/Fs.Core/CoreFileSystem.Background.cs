using Microsoft.Extensions.Logging;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    private static readonly TimeSpan EvictionPause = TimeSpan.FromSeconds(5);

    // Takes over what the bucket confirmed, sets conflicting files aside, and gives back local copies above the limit.
    private async Task RunBackgroundAsync()
    {
        var nextEviction = NowMilliseconds();
        try
        {
            foreach (var row in _rows.Conflicts(_drive.Id)) SetAside(row);
            while (true)
            {
                await _changes.WaitAsync(Timeout.InfiniteTimeSpan, _time, _stop.Token);
                foreach (var (id, _) in _changes.Take())
                {
                    if (id != 0 && _rows.Node(id) is { } row && row.Drive == _drive.Id) TakeOver(row);
                }

                if (NowMilliseconds() < nextEviction) continue;
                nextEviction = NowMilliseconds() + (long)EvictionPause.TotalMilliseconds;
                Evict(_options.CacheLimit);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // stopped
        }
        catch (Exception e)
        {
            _logger.LogCritical(e, "the drive no longer follows the bucket; restart the agent");
        }
    }

    private void TakeOver(NodeRow row)
    {
        lock (_tree.Lock)
        {
            if (_tree.FindNeedsLock(new NodeId(row.Id)) is { } node)
            {
                node.Remote = row.Remote;
                node.Problem = row.Problem;
                node.ConfirmedStamp = _tree.NextStampNeedsLock();
            }
        }

        if (row.Problem == Problem.Conflict) SetAside(row);
    }

    /// <summary>The bucket's object keeps the name, the local file gets one that says so, and is sent under it.</summary>
    private void SetAside(NodeRow row)
    {
        FsInvalidation invalid;
        lock (_tree.Lock)
        {
            if (_tree.LoadNeedsLock(row.Id) is not { Parent: { } directory } node) return;
            var siblings = _tree.ChildrenNeedsLock(directory);
            var former = node.Name;
            var attempt = 0;
            string name;
            do name = Names.ConflictCopy(former, _options.HostName, _time.GetUtcNow(), attempt++);
            while (siblings.ContainsKey(name));
            var id = node.Id;
            node.Remote = null;
            node.Problem = Problem.None;
            _journal.Enqueue(writer => writer.ForgetRemote(id));
            MoveNeedsLock(node, directory, name, FsTime.Now(_time), _services.Due());

            // The name belongs to the bucket's object now: the next listing shows it.
            directory.ListedAt = null;
            invalid = new FsInvalidation(new NodeId(directory.Id), former);
            _logger.LogWarning("{Name} was changed in the bucket too: the local version is kept as {Copy}", former, name);
        }

        Committed(_journal.EnqueuedSequence);
        Invalidated?.Invoke(invalid);
    }

    private void Evict(long limit)
    {
        const int Page = 64;
        var staged = _rows.StagedBytes();
        if (staged <= limit) return;
        foreach (var row in _rows.Evictable(Page))
        {
            if (staged <= limit) break;
            lock (_tree.Lock)
            {
                var node = _tree.FindNeedsLock(new NodeId(row.Id));
                if (node is not null && (node.File is not null || node.OpenGeneration is not null || node.Content != row.Content)) continue;
                if (node is not null) node.Content = null;
                _journal.Enqueue(writer => writer.EvictContent(row.Id));
            }

            staged -= row.Size;
        }

        Committed(_journal.EnqueuedSequence);
    }
}
