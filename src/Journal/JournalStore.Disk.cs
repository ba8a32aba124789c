using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

public sealed partial class JournalStore
{
    private const int DiskFull = 13; // SQLITE_FULL
    private const int IoError = 5; // EIO

    private readonly Ballast _ballast;

    // A commit under FULL failed: pages may count as written without being on the disk.
    private bool _inDoubt;
    private SafeFileHandle? _database;

    /// <summary>Whether the disk of the state folder takes changes.</summary>
    public DiskHealth Disk { get; }

    /// <summary>Takes space beforehand for commits on a disk that others have filled, when there is plenty; given back by itself then.</summary>
    public void LayInBallast()
    {
        lock (_writerLock) _ballast.LayIn();
    }

    private void CommitNeedsWriterLock(bool full, long? durable)
    {
        try
        {
            CommitQueueNeedsWriterLock(full, durable);
        }
        catch (JournalException e) when (e.DiskFull && _ballast.TryRelease())
        {
            CommitQueueNeedsWriterLock(full, durable);
        }
    }

    // After a failed commit under FULL. The log's file carries no locks of SQLite, so that it may be opened beside it. That of the database does:
    // closing it anywhere in this process would drop them, so it stays open. Its pages are forgotten, so that a checkpoint that is
    // repeated writes to the disk and not to pages that count as written, and so that the check reads the disk.
    private void MakeSureNeedsWriterLock()
    {
        if (!_inDoubt) return;
        try
        {
            UnwrittenPages.Renew(Path.Combine(Folder, "journal.db-wal"));
            _database ??= StagingFile.OpenForReading(Path.Combine(Folder, "journal.db"));
            FileSync.DropPages(_database);
            if (_sql.Scalar("PRAGMA quick_check(1)") is not "ok") throw new IOException("the disk lost pages of it; stop the agent and start it again", IoError);
        }
        catch (Exception e) when (e is IOException or SqliteException)
        {
            throw Unwritable(e);
        }

        _inDoubt = false;
    }

    private JournalException Unwritable(Exception cause)
    {
        var error = new JournalException(
            $"journal.db cannot be written: {cause.Message}", diskFull: cause is SqliteException { SqliteErrorCode: DiskFull }, inner: cause);
        if (!error.DiskFull) _inDoubt |= _full;
        Disk.Report(error);
        return error;
    }
}
