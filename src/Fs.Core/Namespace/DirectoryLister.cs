using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>Lists directories from the bucket and merges them into the tree; one listing a directory at a time, shared by all who wait.</summary>
internal sealed class DirectoryLister(
    Tree tree, JournalStore journal, JournalReader rows, IObjectReader store, DriveRow drive, CoreOptions options, TimeProvider time,
    HiddenKeys hiddenKeys, ILogger logger, Action<FsInvalidation> announce, Action<long> onListed) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _running = [];

    // Said nothing to the last that asked: whoever asks next waits no longer than for one that is away.
    private volatile bool _isSilent;

    // What the log has been told of since the last listing that succeeded.
    private FsErrorKind? _told;

    /// <summary>Returns when the directory has been listed. Gives up with ETIMEDOUT when the store gives no sign in time, while the
    /// listing itself goes on: soon when it was silent before, later when it may only be slow (docs/decisions/0007-slow-stores.md).</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="cancellationToken">Of the caller.</param>
    /// <param name="isKnown">Whether the caller can answer from what is known: then it waits for less than a second, and not at all for a store
    /// that was silent before.</param>
    public async Task<FsError?> ListAsync(Node directory, CancellationToken cancellationToken, bool isKnown = false)
    {
        DirectoryListing listing;
        lock (tree.Lock)
        {
            // It may have been unloaded since.
            if (tree.FindNeedsLock(new NodeId(directory.Id)) is not { IsDirectory: true } found) return FsError.NotFound;
            listing = found.Listing ?? StartNeedsLock(found);
        }

        return await EndOfAsync(listing, Patience(isKnown), cancellationToken);
    }

    private TimeSpan Patience(bool isKnown) => isKnown
        ? (_isSilent ? TimeSpan.Zero : options.OfflineAfter * 0.75)
        : (_isSilent ? options.OfflineAfter : options.ListPatience);

    private async Task<FsError?> EndOfAsync(DirectoryListing listing, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAny(listing.FirstPage, listing.Completion).WaitAsync(patience, time, cancellationToken);
            return await listing.Completion.WaitAsync(cancellationToken);
        }
        catch (TimeoutException)
        {
            _isSilent = true;
            return FsError.Offline;
        }
        catch (OperationCanceledException)
        {
            return FsError.Interrupted;
        }
    }

    /// <summary>Lists a directory anew: a listing that is under way may have been asked for before what the caller knows of.</summary>
    public async Task<FsError?> ListAgainAsync(NodeId id, CancellationToken cancellationToken)
    {
        Node? directory;
        lock (tree.Lock) directory = tree.FindNeedsLock(id);
        if (directory is not { IsDirectory: true }) return FsError.NotFound;
        if (directory.Listing is { } earlier && await EndOfAsync(earlier, Patience(isKnown: false), cancellationToken) is { Kind: FsErrorKind.Interrupted or FsErrorKind.Offline } error) return error;
        return await ListAsync(directory, cancellationToken);
    }

    /// <summary>Lists a directory and everything below it that has never been listed.</summary>
    public async Task<FsError?> ListBelowAsync(Node directory, CancellationToken cancellationToken)
    {
        var left = new Stack<NodeId>([new NodeId(directory.Id)]);
        while (left.TryPop(out var id))
        {
            Node? unlisted;
            lock (tree.Lock) unlisted = tree.FindNeedsLock(id) is { IsDirectory: true } found && !Tree.IsComplete(found) ? found : null;
            if (unlisted is not null && await ListAsync(unlisted, cancellationToken) is { } error) return error;
            lock (tree.Lock)
            {
                if (tree.FindNeedsLock(id) is not { IsDirectory: true } listed) continue; // gone meanwhile
                foreach (var child in tree.ChildrenNeedsLock(listed).Values)
                {
                    if (child.IsDirectory) left.Push(new NodeId(child.Id));
                }
            }
        }

        return null;
    }

    /// <summary>Whether all at and below a directory has been listed; loads what is known of it.</summary>
    public bool IsListedBelowNeedsLock(Node directory) =>
        Tree.IsComplete(directory) && tree.BelowNeedsLock(directory).All(node => !node.IsDirectory || Tree.IsComplete(node));

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
        tree.ChildrenNeedsLock(directory); // so that confirmations are noted in them while this runs
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
        try
        {
            string? key;
            lock (tree.Lock) key = tree.KeyNeedsLock(directory);
            if (key is null) return FsError.NotFound;
            journal.WaitCommitted(journal.EnqueuedSequence);
            var before = GivenUpKeys.Read(rows, drive, key);
            var listed = await ReadPagesAsync(key, listing);
            journal.WaitCommitted(journal.EnqueuedSequence);
            var after = GivenUpKeys.Read(rows, drive, key);
            var hidden = new GivenUpKeys(before.States.Concat(after.States), before.InDoubt.Concat(after.InDoubt));
            await RemoveGivenUpAsync(key, listed.Directories, hidden);
            Merge(directory, key, listing, listed with { Hidden = hidden });
            _told = null;
        }
        catch (StoreException e)
        {
            error = FsErrors.From(e);
            _isSilent = error.Kind == FsErrorKind.Offline;
            if (_told == error.Kind) return error; // once for each time of trouble, not for each look into a folder
            _told = error.Kind;
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

        return error;
    }

    // In steps: others get the tree's lock in between.
    private void Merge(Node directory, string key, DirectoryListing listing, ListedDirectory listed)
    {
        ListingMerge merge;
        lock (tree.Lock)
        {
            if (tree.KeyNeedsLock(directory) != key) return;
            merge = new ListingMerge(tree, directory, key, listing, listed, options);
        }

        using (merge)
        {
            var more = true;
            while (more)
            {
                var invalid = new List<FsInvalidation>();
                lock (tree.Lock) more = merge.StepNeedsLock(invalid);
                foreach (var item in invalid) announce(item);
            }
        }

        onListed(directory.Id);
        hiddenKeys.Replace(directory.Id, listed.Unshown);
    }

    private async Task<ListedDirectory> ReadPagesAsync(string key, DirectoryListing listing)
    {
        var unshown = new HiddenKeys.Found(key);
        var files = new Dictionary<string, ListedObject>(StringComparer.Ordinal);
        var directories = new HashSet<string>(StringComparer.Ordinal);
        ListedObject? marker = null;
        string? token = null;
        do
        {
            var page = await store.ListAsync(new ListRequest(key, "/", token), _stop.Token);
            listing.Answered();
            _isSilent = false;
            foreach (var found in page.Objects)
            {
                if (found.Key.Length == key.Length)
                {
                    marker = found;
                    if (found.Size > 0) unshown.Add(key, HiddenReason.FolderWithContent);
                }
                else if (NameOf(found.Key[key.Length..]) is { } name)
                {
                    files[name] = found;
                }
                else
                {
                    unshown.Add(found.Key, HiddenReason.NameTooLong);
                }
            }

            foreach (var prefix in page.CommonPrefixes)
            {
                var segment = prefix[key.Length..^1];
                if (IsOwn(key, segment)) continue;
                if (NameOf(segment) is { } name) directories.Add(name);
                else unshown.Add(prefix, HiddenReason.NameTooLong);
            }

            token = page.ContinuationToken;
        }
        while (token is not null);
        return new ListedDirectory(files, directories, marker, GivenUpKeys.None, unshown);
    }

    // A folder is gone here when all that the bucket still has below it was given up here: one page of it tells.
    private async Task RemoveGivenUpAsync(string key, HashSet<string> directories, GivenUpKeys hidden)
    {
        var candidates = hidden.Keys
            .Where(found => found.IndexOf('/', key.Length) is var slash && slash >= 0)
            .Select(found => found[key.Length..found.IndexOf('/', key.Length)])
            .Where(segment => directories.Contains(KeyNames.ToName(segment)))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        foreach (var segment in candidates)
        {
            var page = await store.ListAsync(new ListRequest($"{key}{segment}/"), _stop.Token);
            if (page.ContinuationToken is null && page.Objects.All(found => hidden.Contains(found.Key, found.ETag))) directories.Remove(KeyNames.ToName(segment));
        }
    }

    private static string? NameOf(string segment) => KeyNames.ToName(segment) is var name && Names.Fits(name) ? name : null;

    private bool IsOwn(string key, string segment) => key == drive.Prefix && segment == Names.OwnFolder;
}
