using Microsoft.Data.Sqlite;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

/// <summary>
/// The durable meeting point of the file system and the transfer layer: <c>journal.db</c> in a state folder.
/// <para>A mutation is <see cref="Enqueue"/>d under the caller's own locks (the queue's order is the truth) and committed when
/// somebody waits for it: the first waiter commits everything queued so far, others find theirs done. Ordinary commits run
/// under <c>synchronous=NORMAL</c> and survive a kill; <see cref="CommitDurable"/> runs one under FULL, which makes every earlier
/// commit in the same WAL survive a power cut.</para>
/// </summary>
public sealed partial class JournalStore : IDisposable
{
    /// <summary>Name of the file in a state folder.</summary>
    public const string FileName = "journal.db";

    private const int IdBlock = 65_536;
    private const int MaxRefusals = 1024;
    private const int Constraint = 19; // SQLITE_CONSTRAINT
    private const int Mismatch = 20; // SQLITE_MISMATCH

    private readonly Lock _queueLock = new();
    private readonly Lock _writerLock = new();
    private readonly SqlSession _sql;
    private readonly List<JournalReader> _readers = [];
    private List<(long Sequence, Action<JournalWriter> Apply)> _queue = [];
    private readonly Dictionary<long, Exception> _refused = [];
    private int _refusals;
    private long _enqueued;
    private long _committed;
    private long _durable;
    private long _synced;
    private long _nextId;
    private long _idLimit;
    private bool _full;
    private long _flushes;
    private int _noticed;

    private JournalStore(string folder, SqlSession sql)
    {
        Folder = folder;
        _sql = sql;
        _enqueued = _committed = Meta("sequence");
        _durable = _synced = Meta("durable");
        _nextId = _idLimit = IdsBefore = Meta("ids");
        _flushes = Meta("flushes");
        Disk = new DiskHealth(folder, Writes);
        _ballast = new Ballast(folder);
        Files = new StagingFolder(Path.Combine(folder, StagingFolder.FolderName));
    }

    /// <summary>A mutation was refused and left out; whoever waits for it gets a <see cref="JournalException"/>. Always a defect: log it.</summary>
    public event Action<Exception>? Refused;

    /// <summary>A statement has shown that the file is damaged: the drives are read-only now. Raised once.</summary>
    public event Action<Exception>? Damaged;

    /// <summary>The staging disk is full: whoever keeps there what a bucket holds too gives it back. Raised without locks held.</summary>
    public event Action? SpaceWanted;

    /// <summary>The state folder.</summary>
    public string Folder { get; }

    /// <summary>The staging files.</summary>
    public StagingFolder Files { get; }

    /// <summary>Tells what changed, after it is committed.</summary>
    public ChangeFeed Feed { get; } = new();

    /// <summary>Sealed generations that somebody is sending right now.</summary>
    public GenerationPins Pins { get; } = new();

    /// <summary>Contents that have to prove themselves after an end that was not clean.</summary>
    public ContentDoubts Doubts { get; } = new();

    /// <summary>Whether the drives on this journal may be changed now.</summary>
    public WriteGate Writes { get; } = new();

    /// <summary>Objects of the bucket that open handles still read.</summary>
    public KeyPins KeyPins { get; } = new();

    /// <summary>Sequence of the last mutation enqueued.</summary>
    public long EnqueuedSequence => Volatile.Read(ref _enqueued);

    /// <summary>Sequence up to which mutations survive a kill.</summary>
    public long CommittedSequence => Volatile.Read(ref _committed);

    /// <summary>Sequence up to which mutations and the bytes they speak of survive a power cut.</summary>
    public long DurableSequence => Volatile.Read(ref _durable);

    /// <summary>Sequence up to which mutations themselves survive a power cut, whatever became of the bytes that they speak of.</summary>
    internal long SyncedSequence => Volatile.Read(ref _synced);

    /// <summary>Ids up to this one were given out before this run of the program.</summary>
    internal long IdsBefore { get; private set; }

    /// <summary>Asks all drives on this journal for space; returns when they have given what they can.</summary>
    public void WantSpace() => SpaceWanted?.Invoke();

    /// <summary>From now on ids are above this one: somebody was seen with it.</summary>
    internal void ReserveIds(long used)
    {
        lock (_writerLock)
        {
            lock (_queueLock)
            {
                if (used <= _idLimit) return;
            }

            RunFull(() => _sql.Run("UPDATE meta SET value=$1 WHERE name='ids'", used));
            lock (_queueLock) _nextId = _idLimit = IdsBefore = used;
        }
    }

    /// <summary>Queues a mutation. Cheap; may be called under locks. Returns its sequence.</summary>
    public long Enqueue(Action<JournalWriter> mutation)
    {
        lock (_queueLock)
        {
            _queue.Add((++_enqueued, mutation));
            return _enqueued;
        }
    }

    /// <summary>Returns when the mutation survives a kill. Throws <see cref="JournalException"/> when the disk is full or failing;
    /// the mutation then stays queued and is written with the next success. Not to be called under a lock of the file system.</summary>
    public void WaitCommitted(long sequence)
    {
        if (Volatile.Read(ref _committed) >= sequence && Volatile.Read(ref _refusals) == 0) return;
        lock (_writerLock)
        {
            if (_committed < sequence) CommitNeedsWriterLock(full: false, durable: null);
            ThrowIfRefusedNeedsLock(sequence);
        }
    }

    /// <summary>Returns when a mutation that voids a former one survives whatever that one survives: a kill, and a power cut too once the former
    /// one is durable.</summary>
    /// <param name="sequence">The mutation.</param>
    /// <param name="former">Sequence of what it voids.</param>
    public void WaitVoided(long sequence, long former)
    {
        lock (_writerLock)
        {
            var durable = _durable >= former;
            if (durable ? SyncedSequence < sequence : _committed < sequence) CommitNeedsWriterLock(full: durable, durable: null);
            ThrowIfRefusedNeedsLock(sequence);
        }
    }

    /// <summary>Queues a mutation and waits until it survives a kill.</summary>
    public void Commit(Action<JournalWriter> mutation) => WaitCommitted(Enqueue(mutation));

    /// <summary>Returns when the mutation itself survives a power cut. Says nothing of the staging bytes that it, or one before it, speaks of:
    /// that is for <see cref="CommitDurable"/>.</summary>
    public void CommitFull(long sequence)
    {
        if (SyncedSequence >= sequence && Volatile.Read(ref _refusals) == 0) return;
        lock (_writerLock)
        {
            if (SyncedSequence < sequence) CommitNeedsWriterLock(full: true, durable: null);
            ThrowIfRefusedNeedsLock(sequence);
        }
    }

    /// <summary>One commit under <c>synchronous=FULL</c> that says "durable up to <paramref name="sequence"/>". The caller has made the
    /// staging bytes of everything up to it durable first.</summary>
    public void CommitDurable(long sequence)
    {
        lock (_writerLock)
        {
            CommitNeedsWriterLock(full: !CrashPoints.Omits(CrashPoints.OmitFullCommit), durable: Math.Max(sequence, _durable));
        }
    }

    /// <summary>A new id for a node, generation, upload or drive: never given before, also not before a power cut.</summary>
    public long NewId()
    {
        lock (_queueLock)
        {
            if (_nextId < _idLimit) return ++_nextId;
        }

        lock (_writerLock)
        {
            long limit;
            lock (_queueLock)
            {
                if (_nextId < _idLimit) return ++_nextId;
                limit = _idLimit + IdBlock;
            }

            RunFull(() => _sql.Run("UPDATE meta SET value=$1 WHERE name='ids'", limit));
            lock (_queueLock)
            {
                _idLimit = limit;
                return ++_nextId;
            }
        }
    }

    /// <summary>A value kept under a name (machine id, boot id), or null.</summary>
    public string? GetValue(string name)
    {
        lock (_writerLock) return _sql.Scalar("SELECT value FROM meta WHERE name=$1", name) as string;
    }

    /// <summary>Keeps a value under a name, durably; null forgets it.</summary>
    public void SetValue(string name, string? value)
    {
        lock (_writerLock)
        {
            RunFull(() =>
            {
                if (value is null) _sql.Run("DELETE FROM meta WHERE name=$1", name);
                else _sql.Run("INSERT OR REPLACE INTO meta VALUES($1,$2)", name, value);
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_writerLock)
        {
            try
            {
                if (_committed < EnqueuedSequence) CommitNeedsWriterLock(full: false, durable: null);
            }
            finally
            {
                foreach (var reader in _readers) reader.Dispose();
                _sql.Dispose();
                _database?.Dispose();
            }
        }
    }

    private long Meta(string name) =>
        Convert.ToInt64(_sql.Scalar("SELECT value FROM meta WHERE name=$1", name), System.Globalization.CultureInfo.InvariantCulture);

    private void CommitQueueNeedsWriterLock(bool full, long? durable)
    {
        List<(long Sequence, Action<JournalWriter> Apply)> batch;
        lock (_queueLock)
        {
            batch = _queue;
            _queue = [];
        }

        var last = batch.Count > 0 ? batch[^1].Sequence : _committed;
        Dictionary<long, ChangeKinds> changes;
        try
        {
            if (_full != full) SetSynchronous(full);
            if (full) MakeSureNeedsWriterLock();
            try
            {
                changes = Transact(batch, last, durable, Apply);
            }
            catch (Exception e) when (IsFaultOfOne(e))
            {
                changes = Transact(batch, last, durable, ApplyOrRefuse);
            }
        }
        catch (SqliteException e)
        {
            lock (_queueLock) _queue.InsertRange(0, batch);
            throw Unwritable(e);
        }

        Volatile.Write(ref _committed, last);
        if (full) Volatile.Write(ref _synced, last);
        if (durable is { } done && done > _durable)
        {
            Volatile.Write(ref _durable, done);
            changes[0] = changes.GetValueOrDefault(0) | ChangeKinds.Work;
        }

        Feed.Publish(changes);
    }

    private Dictionary<long, ChangeKinds> Transact(
        List<(long Sequence, Action<JournalWriter> Apply)> batch, long last, long? durable, Action<JournalWriter, Action<JournalWriter>> apply)
    {
        var changes = new Dictionary<long, ChangeKinds>();
        _sql.Run("BEGIN IMMEDIATE");
        try
        {
            var writer = new JournalWriter(_sql, changes);
            foreach (var (sequence, mutation) in batch)
            {
                writer.Sequence = sequence;
                apply(writer, mutation);
            }

            _sql.Run("UPDATE meta SET value=$1 WHERE name='sequence'", last);
            if (durable is { } covered) _sql.Run("UPDATE meta SET value=$1 WHERE name='durable'", covered);
            // SQLite appends nothing to its log, and so flushes nothing, when a commit changes no byte: what an ordinary commit of another
            // thread has taken out of the queue would stay as it is.
            if (_full) _sql.Run("INSERT OR REPLACE INTO meta VALUES('flushes',$1)", ++_flushes);
            CrashPoints.Reach(_full ? CrashPoints.FullCommitBefore : CrashPoints.CommitBefore);
            _sql.Run("COMMIT");
            writer.ReachCrashPoints();
            return changes;
        }
        catch
        {
            _sql.RollBack();
            throw;
        }
    }

    private static void Apply(JournalWriter writer, Action<JournalWriter> mutation) => mutation(writer);

    // One mutation that the journal's rules refuse is a defect of its author: it alone is left out and reported, and does not
    // take the others of its batch, or all later ones, with it.
    private void ApplyOrRefuse(JournalWriter writer, Action<JournalWriter> mutation)
    {
        _sql.Run("SAVEPOINT one");
        try
        {
            mutation(writer);
        }
        catch (Exception e) when (IsFaultOfOne(e))
        {
            _sql.Run("ROLLBACK TO one");
            if (_refused.Count < MaxRefusals) _refused[writer.Sequence] = e;
            Volatile.Write(ref _refusals, _refused.Count);
            Refused?.Invoke(e);
        }

        _sql.Run("RELEASE one");
    }

    private static bool IsFaultOfOne(Exception e) =>
        e is not SqliteException sqlite || sqlite.SqliteErrorCode is Constraint or Mismatch;

    private void ThrowIfRefusedNeedsLock(long sequence)
    {
        if (!_refused.Remove(sequence, out var cause)) return;
        Volatile.Write(ref _refusals, _refused.Count);
        throw new JournalException($"the journal refused a change: {cause.Message}", inner: cause);
    }

    private void RunFull(Action action)
    {
        try
        {
            if (!_full) SetSynchronous(true);
            MakeSureNeedsWriterLock();
            action();
        }
        catch (SqliteException e)
        {
            throw Unwritable(e);
        }
    }

    private void SetSynchronous(bool full)
    {
        _sql.Run(full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
        _full = full;
    }
}
