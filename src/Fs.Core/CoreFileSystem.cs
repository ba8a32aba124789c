using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>
/// A drive's file system: local state first, the bucket behind it. Split by what is asked for: nodes, files, directories, names,
/// and .Background for what the bucket's side makes of it.
/// </summary>
public sealed partial class CoreFileSystem : IFileSystem, IAsyncDisposable
{
    private readonly JournalStore _journal;
    private readonly JournalReader _rows;
    private readonly CacheStore _cache;
    private readonly GroupCommitter _groups;
    private readonly DriveRow _drive;
    private readonly CoreOptions _options;
    private readonly IgnoreList _ignore;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RemoteContents _remotes;
    private readonly FileServices _services;
    private readonly Tree _tree;
    private readonly TreeTrimmer _trimmer;
    private readonly OpenFileTable _handles;
    private readonly ChangeSubscription _changes;
    private readonly AttributeLearner _learner;
    private readonly DirectoryLister _lister;
    private readonly PinKeeper _pins;
    private readonly HiddenKeys _hidden = new();
    private readonly MovedMarks _moved;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _background;

    private CoreFileSystem(
        JournalStore journal, CacheStore cache, GroupCommitter groups, DriveRow drive, IObjectReader reader, CoreOptions options,
        TimeProvider time, ILogger logger)
    {
        _journal = journal;
        _rows = journal.OpenReader();
        _cache = cache;
        _groups = groups;
        _drive = drive;
        _options = options;
        _time = time;
        _logger = logger;

        // Before anything is read, so that no confirmation falls between.
        _changes = journal.Feed.Subscribe(ChangeKinds.Remote);
        _ignore = new IgnoreList(options.Ignore);
        ReadmitIgnored(journal, _rows, drive, _ignore, FsTime.NowMilliseconds(time));
        _tree = new Tree(journal, _rows, cache, drive, options, time);
        _trimmer = new TreeTrimmer(_tree, journal, logger);
        _remotes = new RemoteContents(reader, journal.Folder, drive.Id, cache, options, time, logger);
        var versions = new VersionRenewal(_tree, reader, options, time, logger, item => Invalidated?.Invoke(item));
        var space = new StagingSpace(journal.Folder, options.StagingReserve, time) { Reclaim = Reclaim };
        _services = new FileServices(journal, _rows, groups, _remotes, versions, space, drive, options, time, logger, _tree.PathNeedsLock);
        _handles = new OpenFileTable(_tree, _services);
        _moved = new MovedMarks(journal, _rows, _services.MarkWarning, logger);
        _learner = new AttributeLearner(_tree, reader, options, time, logger, item => Invalidated?.Invoke(item));
        _lister = new DirectoryLister(_tree, journal, _rows, reader, drive, options, time, _hidden, logger, item => Invalidated?.Invoke(item), _learner.Listed);
        _pins = new PinKeeper(new PinSet(_rows.Pins(drive.Id)), _tree, _lister, _remotes, options, time, logger);
        Invalidated += _ => _pins.Notice();
        _pins.Start();
        journal.SpaceWanted += GiveBack;
        groups.Distrusted += Distrust;
        _background = Task.Run(RunBackgroundAsync);
    }

    /// <inheritdoc/>
    public event Action<FsInvalidation>? Invalidated;

    /// <inheritdoc/>
    public NodeId Root => new(_drive.Root);

    /// <summary>Tells how far a node is that is being sent now, or null; for the attributes of files. Set by the composition: the transfers
    /// are not this layer's to know.</summary>
    public Func<long, SendingProgress?> Sending { get; set; } = static _ => null;

    /// <summary>The address of a key for people, without any signature, or null. Set by the composition, which knows the store.</summary>
    public Func<string, string?> UrlOf { get; set; } = static _ => null;

    /// <summary>Tells whether the user holds the drive's transfers, for the state that is shown.</summary>
    public Func<bool> IsPaused { get; set; } = static () => false;

    /// <summary>Opens the file system of a drive. Recovery has run (<see cref="JournalRecovery.Run"/>).</summary>
    public static CoreFileSystem Open(
        JournalStore journal, CacheStore cache, GroupCommitter groups, DriveRow drive, IObjectReader reader, CoreOptions options,
        TimeProvider time, ILogger logger) => new(journal, cache, groups, drive, reader, options, time, logger);

    /// <summary>Begins to list the top directory, so that the first look into the drive need not wait for it.</summary>
    public void Prefetch()
    {
        lock (_tree.Lock)
        {
            if (Tree.IsComplete(_tree.Root)) return;
        }

        _ = _lister.ListAsync(_tree.Root, _stop.Token);
    }

    /// <summary>Why nothing can be written for lack of space and what to do, or null.</summary>
    public string? SpaceProblem => _services.Space.Problem;

    /// <summary>What the drive takes of the local disk.</summary>
    public LocalSpace Space => new(_remotes.Bytes, _options.ReadCacheLimit, _services.Space.Reserve);

    /// <summary>How much of what was read of the bucket's content was here.</summary>
    public CacheReads CacheReads => _remotes.Reads;

    /// <summary>Whether somebody has the node open for writing now, or what the last writer closed is not committed yet: until then
    /// its row looks as a kill would have left it.</summary>
    public bool IsBeingWritten(long node)
    {
        lock (_tree.Lock)
        {
            return _tree.LoadedNeedsLock(new NodeId(node)) is { } found
                && (found.File is { Writers: > 0 } || found.SealSequence > _journal.CommittedSequence);
        }
    }

    /// <summary>Whether what a row names as open is being written, and not what a kill has left. The row was read earlier than this asks: one
    /// whose writer closed in between has moved on.</summary>
    public bool IsBeingWritten(NodeRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Open is not null && (IsBeingWritten(row.Id) || _rows.Node(row.Id)?.Open != row.Open);
    }

    /// <summary>The state that a node is in, as shown everywhere.</summary>
    public FileState? StateOf(long node)
    {
        if (_rows.Node(node) is not { } row) return null;
        var open = row.Open is { } id ? _rows.Generation(id)?.State : null;
        return FileStates.Of(row, open, IsBeingWritten(row), Sending(node) is not null, _journal.DurableSequence, IsPaused());
    }

    /// <summary>Releases what is still open, as after a lost RELEASE, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _journal.SpaceWanted -= GiveBack;
        _groups.Distrusted -= Distrust;
        _handles.Dispose();
        await _stop.CancelAsync();
        await _background;
        await _moved.DisposeAsync();
        await _pins.DisposeAsync();
        await _lister.DisposeAsync();
        await _learner.DisposeAsync();
        await _trimmer.DisposeAsync();
        await _remotes.DisposeAsync();
        _changes.Dispose();
        _stop.Dispose();
    }

    /// <summary>Why nothing can be changed now, by the user's wish or because nothing could be kept safe; or null.</summary>
    private FsError? Refusal() => _options.ReadOnly ? FsError.ReadOnly : _services.Refusal();

    /// <summary>Why no name can be added now, or null. Making room takes the tree's lock: not to be called under it.</summary>
    private FsError? RefusalOfName() => Refusal() ?? (_services.Space.TryTakeName() ? null : FsError.NoSpace);

    // Waits for what was just enqueued and turns a failing journal into an error of the call.
    private FsError? Committed(long sequence)
    {
        try
        {
            if (!CrashPoints.Omits(CrashPoints.OmitCommit)) _journal.WaitCommitted(sequence);
            return null;
        }
        catch (JournalException e)
        {
            // A full or failing disk is told once, where it is noticed, not by everybody who meets it.
            if (!e.DiskFull && _journal.Disk.Trouble is null) _logger.LogError(e, "a change could not be committed");
            return FsErrors.From(e);
        }
    }

    private long NowMilliseconds() => FsTime.NowMilliseconds(_time);
}
