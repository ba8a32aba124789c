using Microsoft.Extensions.Logging;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    private static readonly TimeSpan EvictionPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DemotionPause = TimeSpan.FromMinutes(10);

    /// <summary>Moves what is at rest from the journal to the cache, in the background by itself.</summary>
    internal void DemoteSettled() => new NodeDemotion(_tree, _rows).Run(_stop.Token);

    /// <summary>Unloads nodes above the limit, in the background by itself.</summary>
    internal void TrimTree() => _trimmer.Trim();

    /// <summary>Nodes in memory.</summary>
    internal int NodesLoaded
    {
        get
        {
            lock (_tree.Lock) return _tree.CountNeedsLock;
        }
    }

    // Takes over what the bucket confirmed, sets conflicting files aside, and gives back local copies above the limit.
    private async Task RunBackgroundAsync()
    {
        var nextEviction = NowMilliseconds();
        // The first one soon: agents that live shortly must not fill the journal either.
        var nextDemotion = NowMilliseconds() + (long)EvictionPause.TotalMilliseconds;
        try
        {
            foreach (var row in _rows.Conflicts(_drive.Id)) Guarded(() => TakeOver(row.Id));
            while (true)
            {
                await _changes.WaitAsync(Timeout.InfiniteTimeSpan, _time, _stop.Token);
                foreach (var (id, _) in _changes.Take())
                {
                    if (id != 0) Guarded(() => TakeOver(id));
                }

                if (NowMilliseconds() < nextEviction) continue;
                nextEviction = NowMilliseconds() + (long)EvictionPause.TotalMilliseconds;
                Guarded(() => Evict(_rows.StagedBytes(_drive.Id) - _options.CacheLimit));
                if (NowMilliseconds() < nextDemotion) continue;
                nextDemotion = NowMilliseconds() + (long)DemotionPause.TotalMilliseconds;
                Guarded(DemoteSettled);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // stopped
        }
    }

    // One node that cannot be followed now must not stop the others from being followed.
    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (JournalException e) when (e.DiskFull || _journal.Disk.Trouble is not null)
        {
            // Told once, where it is noticed; the next change, or the next listing, does it.
        }
        catch (Exception e)
        {
            _logger.LogError(e, "a change of the bucket's side could not be taken over");
        }
    }

    private void TakeOver(long id)
    {
        FsInvalidation? invalid = null;
        RemoteState? former;
        RemoteState? now;
        lock (_tree.Lock)
        {
            if (_rows.Node(id) is not { } row || row.Drive != _drive.Id) return;
            var node = row.Problem == Problem.Conflict ? _tree.FindNeedsLock(new NodeId(id)) : _tree.LoadedNeedsLock(new NodeId(id));
            former = node?.Remote;
            if (node is null || !node.TryFollow(row, _tree.NextStampNeedsLock())) return;
            now = node.Remote;
            FollowContentNeedsLock(node, row);
            if (row.Problem == Problem.Conflict && node.Parent is not null) invalid = SetAsideNeedsLock(node);
        }

        _remotes.Follow(former, now);
        if (invalid is not { } item) return;
        Committed(_journal.EnqueuedSequence);
        Invalidated?.Invoke(item);
    }

    /// <summary>The bucket's object keeps the name, the local file gets one that says so, and is sent under it.</summary>
    private FsInvalidation SetAsideNeedsLock(Node node)
    {
        var directory = node.Parent!;
        var siblings = _tree.ChildrenNeedsLock(directory);
        var former = node.Name;
        var attempt = 0;
        string name;
        do name = Names.ConflictCopy(former, _options.HostName, _time.GetUtcNow(), attempt++);
        while (siblings.ContainsKey(name));
        var mutations = new Mutations();
        var id = node.Id;
        if (node.Remote?.Key == _tree.KeyNeedsLock(node))
        {
            // The object there is not ours any more; one under another key (a rename that met a stranger) still is.
            node.Remote = null;
            mutations.Add(writer => writer.ForgetRemote(id));
        }

        node.Problem = Problem.None;
        MoveNeedsLock(node, directory, name, mutations, FsTime.Now(_time), _services.Due());
        mutations.Enqueue(_journal);

        // The name belongs to the bucket's object now: the next listing shows it.
        directory.ListedAt = null;
        if (directory.Listing is { } running) running.IsOutdated = true; // it passes over this name
        _cache.ForgetListing(directory.Id);
        _logger.LogWarning("{Name} was changed in the bucket too: the local version is kept as {Copy}", former, name);
        return new FsInvalidation(new NodeId(directory.Id), former);
    }

    /// <summary>Gives back local copies of synced files, longest unused first, until at least so many bytes will be free.</summary>
    private void Evict(long bytes)
    {
        const int Page = 256;
        var kept = 0; // open, or pinned
        while (bytes > 0 && _rows.Evictable(_drive.Id, kept, Page) is { Count: > 0 } page)
        {
            var (freed, stayed) = Evict(page, bytes);
            bytes -= freed;
            kept += stayed;
        }
    }

    // Committed under the lock, so that nobody loads a row in between whose content is about to go; all of a page at once, since
    // whoever waits for space waits for this.
    private (long Freed, int Stayed) Evict(IReadOnlyList<NodeRow> page, long wanted)
    {
        long freed = 0;
        var stayed = 0;
        lock (_tree.Lock)
        {
            var chosen = new List<NodeRow>();
            foreach (var row in page)
            {
                if (freed >= wanted) break;
                if (!MayEvictNeedsLock(row.Id))
                {
                    stayed++;
                    continue;
                }

                chosen.Add(row);
                freed += row.Size;
            }

            _journal.Commit(writer =>
            {
                foreach (var row in chosen) writer.EvictContent(row.Id);
            });
            foreach (var row in chosen)
            {
                if (_rows.Node(row.Id)?.Content is not null)
                {
                    freed -= row.Size;
                    stayed++;
                }
                else if (_tree.LoadedNeedsLock(new NodeId(row.Id)) is { } node)
                {
                    node.Content = null;
                    node.ServedETag ??= node.Remote?.ETag; // the kernel may have pages of it
                }
            }
        }

        return (freed, stayed);
    }

    private bool MayEvictNeedsLock(long id)
    {
        var node = _tree.LoadedNeedsLock(new NodeId(id));
        return node is not { File: not null } and not { OpenGeneration: not null }
            && !IsPinnedNeedsLock(id)
            && _rows.Node(id) is { } row
            && (node is null || node.TryFollow(row, _tree.NextStampNeedsLock()));
    }

    // The disk lost bytes of a closed file: its row says what counts instead.
    private void Distrust(long id)
    {
        lock (_tree.Lock)
        {
            if (_tree.LoadedNeedsLock(new NodeId(id)) is not { } node || _rows.Node(id) is not { } row) return;
            if (node.File is { } file)
            {
                file.Distrust(row);
                return;
            }

            node.Content = row.Content;
            node.OpenGeneration = row.Open;
        }
    }

    /// <summary>The staging disk is full: every drive on it gives back what its bucket holds too, at once.</summary>
    private void Reclaim() => Guarded(() =>
    {
        _journal.WantSpace();
        _groups.Flush();
    });

    private void GiveBack()
    {
        const long Enough = 1L << 30;
        Guarded(() => Evict(Enough - _remotes.Reclaim(Enough)));
    }
}
