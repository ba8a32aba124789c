using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>
/// Makes closed files survive a power cut, in groups: the staging files' data, then the staging folder, then one FULL commit
/// "durable up to n". A group starts at most <see cref="Interval"/> after the first close it covers, or at once when somebody
/// waits. Afterwards the files of discarded names are deleted. While the disk fails (<see cref="DiskHealth"/>) it is tried every two seconds.
/// </summary>
public sealed class GroupCommitter : IAsyncDisposable
{
    /// <summary>How long a close may stay uncovered.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>From this many files on, one syncfs is cheaper than an fsync each.</summary>
    private const int SyncFsThreshold = 64;

    private static readonly TimeSpan ProbePause = TimeSpan.FromSeconds(2);

    private readonly JournalStore _journal;
    private readonly JournalReader _reader;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly DoubtfulFiles _doubtful;
    private readonly SafeFileHandle? _fileSystem;
    private readonly Task _loop;
    private HashSet<string> _dirty;
    private long _probedAt;
    private Exception? _failure;

    /// <summary>Starts the periodic groups.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    /// <param name="isIntact">Whether a generation's staged bytes match their recorded size and checksum; null where that cannot be told,
    /// so that every file whose fsync failed becomes incomplete.</param>
    public GroupCommitter(JournalStore journal, TimeProvider time, ILogger logger, Func<ContentSource, bool>? isIntact = null)
    {
        ArgumentNullException.ThrowIfNull(journal);
        _journal = journal;
        _reader = journal.OpenReader();
        _time = time;
        _logger = logger;
        _doubtful = new DoubtfulFiles(journal, _reader, isIntact ?? (static _ => false), logger);
        if (OperatingSystem.IsLinux()) _fileSystem = FileSync.OpenFolder(journal.Files.Path);

        // Closed in an earlier run of this program, and not covered by a group of that one.
        _dirty = [.. _reader.ClosedAfter(journal.DurableSequence).Select(generation => generation.Staging)];
        journal.Disk.Failed += LogFailing;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The error of the last group, or null when it succeeded: staging or journal cannot be made durable.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>The disk lost bytes of a closed file, which is <em>incomplete</em> now: its node. Raised without locks held.</summary>
    public event Action<long>? Distrusted
    {
        add => _doubtful.Distrusted += value;
        remove => _doubtful.Distrusted -= value;
    }

    /// <summary>A group succeeded, and took so long. Raised by who made it.</summary>
    public event Action<TimeSpan>? Grouped;

    /// <summary>Whether an fsync of a staging file failed, and it has not proved its bytes since.</summary>
    public bool IsInDoubt(string staging) => _doubtful.Contains(staging);

    /// <summary>A staging file must be durable with the next group. Call before its seal is enqueued.</summary>
    public void Add(string staging)
    {
        lock (_lock) _dirty.Add(staging);
    }

    /// <summary>Returns when everything enqueued before the call, and every file added, survives a power cut.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var wanted = _journal.EnqueuedSequence;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            bool any;
            lock (_lock) any = _dirty.Count > 0;
            if (_journal.DurableSequence < wanted || any) await Task.Run(Group, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The same for a caller that is on a thread of its own and may block on the local disk.</summary>
    public void Flush()
    {
        _turn.Wait();
        try
        {
            Group();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _journal.Disk.Failed -= LogFailing;
        _fileSystem?.Dispose();
        _stop.Dispose();
        _turn.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    if (!await TickAsync()) continue;
                    if (Interlocked.Exchange(ref _failure, null) is not null) _logger.LogInformation("closed files are made durable again");
                }
                catch (Exception e) when (e is IOException or JournalException or UnauthorizedAccessException or SqliteException)
                {
                    _journal.Disk.Report(e);
                    if (Interlocked.Exchange(ref _failure, e) is null && _journal.Disk.Trouble is null)
                        _logger.LogError(e, "closed files cannot be made durable: check the disk of {Folder}", _journal.Folder);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // stopped
        }
    }

    /// <summary>Whether anything was tried.</summary>
    private async Task<bool> TickAsync()
    {
        var failing = _journal.Disk.Trouble is not null;
        if (failing)
        {
            if (_time.GetElapsedTime(_probedAt) < ProbePause) return false;
            _probedAt = _time.GetTimestamp();
            await Task.Run(Probe);
        }
        else if (_journal.DurableSequence == _journal.EnqueuedSequence)
        {
            return false;
        }

        if (failing) await Task.Run(Flush); // also when nothing waits: the journal must take a commit before anybody trusts the disk
        else await FlushAsync(_stop.Token);
        _journal.LayInBallast();
        if (failing && _journal.Disk.Clear()) _logger.LogInformation("the disk of {Folder} takes changes again", _journal.Folder);
        return true;
    }

    private void Probe()
    {
        var path = Path.Combine(_journal.Folder, "probe");
        File.Delete(path);
        using (var file = StagingFile.Create(path))
        {
            RandomAccess.Write(file, new byte[4096], 0);
            FileSync.Flush(file);
        }

        File.Delete(path);
    }

    private void LogFailing(string why) => _logger.LogError("{Trouble}", why);

    private void Group()
    {
        HashSet<string> files;
        long sequence;
        lock (_lock)
        {
            files = _dirty;
            _dirty = [];
            sequence = _journal.EnqueuedSequence;
        }

        var begun = _time.GetTimestamp();
        IReadOnlyList<string> discarded;
        try
        {
            _journal.WaitCommitted(sequence);
            discarded = _reader.Discards(sequence);
            CrashPoints.Reach(CrashPoints.GroupBegun);
            if (CrashPoints.Omits(CrashPoints.OmitStagingSync)) files = [];
            Flush(files);
            _doubtful.Settle();
            CrashPoints.Reach(CrashPoints.GroupData);
            if (files.Count > 0 && !CrashPoints.Omits(CrashPoints.OmitFolderSync)) FileSync.FlushFolder(_journal.Files.Path);
            CrashPoints.Reach(CrashPoints.GroupFolder);
            _journal.CommitDurable(sequence);
            CrashPoints.Reach(CrashPoints.GroupDurable);
        }
        catch
        {
            lock (_lock) _dirty.UnionWith(files);
            throw;
        }

        Grouped?.Invoke(_time.GetElapsedTime(begun));

        // While a content has still to prove itself, the one before it is kept.
        if (_journal.Doubts.IsEmpty && _reader.HasRetired(sequence)) _journal.Enqueue(writer => writer.RetireUpTo(sequence));
        DeleteDiscarded(discarded);
    }

    private void Flush(HashSet<string> files)
    {
        if (files.Count >= SyncFsThreshold && TryFlushTogether()) return;
        foreach (var name in files)
        {
            if (_doubtful.Contains(name)) continue; // an fsync would say that all is well
            try
            {
                Flush(name);
            }
            catch (IOException e)
            {
                _journal.Disk.Report(e);
                _doubtful.Add(name);
            }
        }
    }

    // Where it fails it does not say whose bytes were lost: then each file is asked.
    private bool TryFlushTogether()
    {
        if (_fileSystem is null) return false;
        try
        {
            FileSync.FlushFileSystem(_fileSystem);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Flush(string name)
    {
        FlushIfThere(_journal.Files.FileOf(name));
        FlushIfThere(_journal.Files.MapOf(name));
    }

    private static void FlushIfThere(string path)
    {
        SafeFileHandle handle;
        try
        {
            handle = StagingFile.OpenForWriting(path);
        }
        catch (FileNotFoundException)
        {
            return; // discarded meanwhile, or a file without a log
        }

        using (handle) FileSync.Flush(handle);
    }

    // A name is discarded in the same commit that drops its row; only now, when that commit is durable, may the file go.
    private void DeleteDiscarded(IReadOnlyList<string> names)
    {
        if (names.Count == 0) return;
        foreach (var name in names) _journal.Files.Delete(name);
        CrashPoints.Reach(CrashPoints.GroupDiscarded);
        // A file that came back after a power cut, and of which no row speaks, would be taken for one that the journal has forgotten: what was
        // removed would be in the drive again. The journal's own fsync does not cover the deletion.
        FileSync.FlushFolder(_journal.Files.Path);
        _journal.Enqueue(writer =>
        {
            foreach (var name in names) writer.ForgetDiscard(name);
        });
    }
}
