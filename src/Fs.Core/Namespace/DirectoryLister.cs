using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>Lists directories from the bucket and merges them into the tree; one listing a directory at a time, shared by all who wait.</summary>
internal sealed class DirectoryLister(
    Tree tree, JournalStore journal, JournalReader rows, IObjectReader store, DriveRow drive, CoreOptions options, TimeProvider time,
    ILogger logger, Action<FsInvalidation> announce) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Returns when the directory has been listed. Gives up with ETIMEDOUT when the store gives no sign in time, while the
    /// listing itself goes on.</summary>
    public async Task<FsError?> ListAsync(Node directory, CancellationToken cancellationToken)
    {
        DirectoryListing listing;
        lock (tree.Lock) listing = directory.Listing ?? StartNeedsLock(directory);
        try
        {
            await Task.WhenAny(listing.FirstPage, listing.Completion).WaitAsync(options.OfflineAfter, time, cancellationToken);
            return await listing.Completion.WaitAsync(cancellationToken);
        }
        catch (TimeoutException)
        {
            return FsError.Offline;
        }
        catch (OperationCanceledException)
        {
            return FsError.Interrupted;
        }
    }

    /// <summary>Lists a directory and everything below it that has never been listed.</summary>
    public async Task<FsError?> ListBelowAsync(Node directory, CancellationToken cancellationToken)
    {
        while (true)
        {
            Node? next;
            lock (tree.Lock)
            {
                next = NextUnlistedNeedsLock(directory);
            }

            if (next is null) return null;
            if (await ListAsync(next, cancellationToken) is { } error) return error;
        }
    }

    /// <summary>The first directory at or below this one that has never been listed; loads what is known on the way.</summary>
    public Node? NextUnlistedNeedsLock(Node directory)
    {
        var stack = new Stack<Node>([directory]);
        while (stack.TryPop(out var node))
        {
            if (!Tree.IsComplete(node)) return node;
            foreach (var child in tree.ChildrenNeedsLock(node).Values)
            {
                if (child.IsDirectory) stack.Push(child);
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_running) running = [.. _running];
        await Task.WhenAll(running);
        _stop.Dispose();
    }

    private DirectoryListing StartNeedsLock(Node directory)
    {
        var listing = new DirectoryListing(tree.NextStampNeedsLock());
        directory.Listing = listing;
        var run = Task.Run(() => RunAsync(directory, listing));
        listing.Completion = run;
        lock (_running) _running.Add(run);
        _ = run.ContinueWith(
            done =>
            {
                lock (_running) _running.Remove(run);
            },
            TaskScheduler.Default);
        return listing;
    }

    private async Task<FsError?> RunAsync(Node directory, DirectoryListing listing)
    {
        FsError? error = null;
        List<FsInvalidation> invalid = [];
        try
        {
            string? key;
            lock (tree.Lock) key = tree.KeyNeedsLock(directory);
            if (key is null) return FsError.NotFound;
            journal.WaitCommitted(journal.EnqueuedSequence);
            var before = Hidden(key);
            var listed = await ReadPagesAsync(key, listing);
            journal.WaitCommitted(journal.EnqueuedSequence);
            var hidden = before.Concat(Hidden(key)).Distinct().ToList();
            await RemoveGivenUpAsync(key, listed.Directories, hidden);
            lock (tree.Lock)
            {
                if (tree.KeyNeedsLock(directory) == key) invalid = tree.MergeNeedsLock(directory, listing, listed with { Hidden = hidden }, options);
            }
        }
        catch (StoreException e)
        {
            error = FsErrors.From(e);
            logger.LogWarning("a folder cannot be listed: {Message} {Remedy}", e.Message, e.Remedy);
        }
        catch (JournalException e)
        {
            error = FsErrors.From(e);
        }
        catch (OperationCanceledException)
        {
            error = FsError.Interrupted;
        }
        finally
        {
            lock (tree.Lock) directory.Listing = null;
        }

        foreach (var item in invalid) announce(item);
        return error;
    }

    private async Task<ListedDirectory> ReadPagesAsync(string key, DirectoryListing listing)
    {
        var files = new Dictionary<string, ListedObject>(StringComparer.Ordinal);
        var directories = new HashSet<string>(StringComparer.Ordinal);
        ListedObject? marker = null;
        string? token = null;
        do
        {
            var page = await store.ListAsync(new ListRequest(key, "/", token), _stop.Token);
            listing.Answered();
            foreach (var found in page.Objects)
            {
                var name = found.Key[key.Length..];
                if (name.Length == 0) marker = found;
                else if (Names.IsFileName(name)) files[name] = found;
            }

            foreach (var prefix in page.CommonPrefixes)
            {
                var name = prefix[key.Length..].TrimEnd('/');
                if (Names.IsFileName(name) && prefix.Length == key.Length + name.Length + 1 && !IsOwn(key, name)) directories.Add(name);
            }

            token = page.ContinuationToken;
        }
        while (token is not null);
        return new ListedDirectory(files, directories, marker, []);
    }

    // A folder is gone here when all that the bucket still has below it was given up here: one page of it tells.
    private async Task RemoveGivenUpAsync(string key, HashSet<string> directories, List<RemoteState> hidden)
    {
        var given = hidden.ToLookup(state => state.Key, state => state.ETag, StringComparer.Ordinal);
        var candidates = hidden.Select(state => state.Key)
            .Where(found => found.IndexOf('/', key.Length) is var slash && slash >= 0)
            .Select(found => found[key.Length..found.IndexOf('/', key.Length)])
            .Where(directories.Contains)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        foreach (var name in candidates)
        {
            var page = await store.ListAsync(new ListRequest($"{key}{name}/"), _stop.Token);
            if (page.ContinuationToken is null && page.Objects.All(found => given[found.Key].Contains(found.ETag))) directories.Remove(name);
        }
    }

    private bool IsOwn(string key, string name) => key == drive.Prefix && name == Names.OwnFolder;

    // What stands in the bucket under keys that were given up or renamed away here.
    private List<RemoteState> Hidden(string key)
    {
        var hidden = rows.DoomedBelow(drive.Id, key).Select(doomed => doomed.Remote).ToList();
        foreach (var node in rows.UnsettledAtRemoteKeysBelow(drive.Id, key))
        {
            if (node.Remote is { } remote && drive.Prefix + rows.Path(node.Id) != remote.Key) hidden.Add(remote);
        }

        return hidden;
    }
}
