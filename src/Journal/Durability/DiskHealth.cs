using Microsoft.Data.Sqlite;

namespace SyncAgent.Journal;

/// <summary>
/// Whether the disk of the state folder takes changes. An error that says it does not (not: that it is full, or that this process has
/// too much open) closes the <see cref="WriteGate"/>, so that every drive on it is read-only; <see cref="GroupCommitter"/> tries the disk and opens it
/// again. Thread-safe.
/// </summary>
public sealed class DiskHealth
{
    private const string Cause = "disk";
    private const int Access = 13; // EACCES
    private const int Permission = 1; // EPERM
    private static readonly int[] DiskErrors =
    [
        5, // EIO
        6, // ENXIO
        19, // ENODEV
        30, // EROFS
        107, // ENOTCONN: a dead FUSE mount
        108, // ESHUTDOWN
        116, // ESTALE
        117, // EUCLEAN: the file system is damaged
        Access, Permission,
        unchecked((int)0x80070013), // ERROR_WRITE_PROTECT
        unchecked((int)0x80070015), // ERROR_NOT_READY
        unchecked((int)0x80070017), // ERROR_CRC
        unchecked((int)0x8007001D), // ERROR_WRITE_FAULT
        unchecked((int)0x8007045D), // ERROR_IO_DEVICE
    ];

    private const int SqliteReadOnly = 8; // SQLITE_READONLY
    private const int SqliteIoError = 10; // SQLITE_IOERR
    private const int SqliteCannotOpen = 14; // SQLITE_CANTOPEN

    private readonly string _folder;
    private readonly WriteGate _gate;
    private string? _trouble;

    internal DiskHealth(string folder, WriteGate gate)
    {
        _folder = folder;
        _gate = gate;
    }

    /// <summary>The disk has begun to refuse changes; the text of <see cref="Trouble"/>. Raised once for each time of trouble.</summary>
    public event Action<string>? Failed;

    /// <summary>Why the disk takes no changes and what to do, or null while it does.</summary>
    public string? Trouble => Volatile.Read(ref _trouble);

    /// <summary>A change failed. Errors that say nothing of the disk as a whole are left out.</summary>
    public void Report(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (!IsOfTheDisk(error) || Trouble is not null) return;
        var text =
            $"the disk of {_folder} takes no changes ({error.Message}). The drives on it are read-only until it does, and go on by themselves then. " +
            (OperatingSystem.IsWindows() ? "See the event log (System); " : "See the kernel's log (dmesg); ") + "mount the disk writable, or replace it.";
        if (Interlocked.CompareExchange(ref _trouble, text, null) is not null) return;
        _gate.Close(Cause, text);
        Failed?.Invoke(text);
    }

    /// <summary>The disk took a change and kept it. Returns whether it had not before.</summary>
    internal bool Clear()
    {
        if (Interlocked.Exchange(ref _trouble, null) is null) return false;
        _gate.Open(Cause);
        return true;
    }

    private static bool IsOfTheDisk(Exception error) => error switch
    {
        JournalException { DiskFull: true } => false,
        JournalException { InnerException: SqliteException or IOException } => true,
        SqliteException { SqliteErrorCode: SqliteIoError or SqliteReadOnly or SqliteCannotOpen } => true,
        UnauthorizedAccessException => true,
        IOException io => DiskErrors.Contains(io.HResult),
        _ => false,
    };
}
