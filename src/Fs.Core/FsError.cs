namespace SyncAgent.Fs.Core;

/// <summary>Kinds of file system errors; each system's adapter has one table from these to its own codes.</summary>
public enum FsErrorKind
{
    /// <summary>ENOENT.</summary>
    NotFound,

    /// <summary>EEXIST.</summary>
    Exists,

    /// <summary>ENOTDIR.</summary>
    NotDirectory,

    /// <summary>EISDIR.</summary>
    IsDirectory,

    /// <summary>ENOTEMPTY.</summary>
    NotEmpty,

    /// <summary>ENAMETOOLONG.</summary>
    NameTooLong,

    /// <summary>EILSEQ: the name is not valid UTF-8 or not storable.</summary>
    InvalidName,

    /// <summary>EINVAL.</summary>
    InvalidArgument,

    /// <summary>EBADF: no such handle, or not open for this.</summary>
    BadHandle,

    /// <summary>EPERM: never possible here (hard links, devices).</summary>
    NotPermitted,

    /// <summary>EACCES.</summary>
    AccessDenied,

    /// <summary>EROFS.</summary>
    ReadOnly,

    /// <summary>ENOSPC.</summary>
    NoSpace,

    /// <summary>EFBIG.</summary>
    TooLarge,

    /// <summary>EOPNOTSUPP.</summary>
    NotSupported,

    /// <summary>ENODATA: no such extended attribute.</summary>
    NoAttribute,

    /// <summary>ERANGE: the caller's buffer is too small.</summary>
    BufferTooSmall,

    /// <summary>ETIMEDOUT: the store did not answer and nothing is cached.</summary>
    Offline,

    /// <summary>ESTALE: the object changed in the bucket while it was being read.</summary>
    Stale,

    /// <summary>EREMOTEIO: the object is in an archive class and must be restored before it can be read.</summary>
    Archived,

    /// <summary>EINTR: the caller gave up.</summary>
    Interrupted,

    /// <summary>EIO: staging, the journal or the store failed.</summary>
    Io,

    /// <summary>ENXIO: SEEK_DATA past the end.</summary>
    NoData,

    /// <summary>ENFILE: this process has no descriptor left for the local files behind the drive.</summary>
    TooManyOpen,
}

/// <summary>The one error value of the file system: what the caller is told, and what a log needs.</summary>
/// <param name="Kind">Decides the error code.</param>
/// <param name="Message">One sentence for the log and the status page.</param>
/// <param name="Cause">The exception behind it, or null.</param>
public sealed record FsError(FsErrorKind Kind, string Message, Exception? Cause = null)
{
    /// <summary>Shared value, so that a failed look-up allocates nothing.</summary>
    public static readonly FsError NotFound = new(FsErrorKind.NotFound, "no such file or directory");

    /// <summary>Shared value.</summary>
    public static readonly FsError Exists = new(FsErrorKind.Exists, "already exists");

    /// <summary>Shared value.</summary>
    public static readonly FsError NotDirectory = new(FsErrorKind.NotDirectory, "not a directory");

    /// <summary>Shared value.</summary>
    public static readonly FsError IsDirectory = new(FsErrorKind.IsDirectory, "is a directory");

    /// <summary>Shared value.</summary>
    public static readonly FsError NotEmpty = new(FsErrorKind.NotEmpty, "directory is not empty");

    /// <summary>Shared value.</summary>
    public static readonly FsError NameTooLong = new(FsErrorKind.NameTooLong, "name or key is too long");

    /// <summary>Shared value.</summary>
    public static readonly FsError InvalidName = new(FsErrorKind.InvalidName, "name is not valid UTF-8 or cannot be stored");

    /// <summary>Shared value.</summary>
    public static readonly FsError InvalidArgument = new(FsErrorKind.InvalidArgument, "invalid argument");

    /// <summary>Shared value.</summary>
    public static readonly FsError BadHandle = new(FsErrorKind.BadHandle, "bad handle");

    /// <summary>Shared value.</summary>
    public static readonly FsError NotPermitted = new(FsErrorKind.NotPermitted, "not possible on an object store");

    /// <summary>Shared value.</summary>
    public static readonly FsError NotSupported = new(FsErrorKind.NotSupported, "not supported");

    /// <summary>Shared value.</summary>
    public static readonly FsError NoAttribute = new(FsErrorKind.NoAttribute, "no such extended attribute");

    /// <summary>Shared value.</summary>
    public static readonly FsError NoSpace = new(FsErrorKind.NoSpace, "the staging disk is full");

    /// <summary>Shared value.</summary>
    public static readonly FsError TooLarge = new(FsErrorKind.TooLarge, "larger than the store's largest object");

    /// <summary>Shared value.</summary>
    public static readonly FsError NoData = new(FsErrorKind.NoData, "no data from there on");

    /// <summary>Shared value.</summary>
    public static readonly FsError Offline = new(FsErrorKind.Offline, "the store does not answer and nothing is cached");

    /// <summary>Shared value. Of an open it makes the kernel look the name up again.</summary>
    public static readonly FsError Stale = new(FsErrorKind.Stale, "the name stands for another file by now");

    /// <summary>Shared value.</summary>
    public static readonly FsError Interrupted = new(FsErrorKind.Interrupted, "interrupted");

    /// <summary>Shared value.</summary>
    public static readonly FsError LostBytes = new(FsErrorKind.Io, "the staging disk did not keep all bytes of the file: write it again");

    /// <summary>Shared value.</summary>
    public static readonly FsError ReadOnly = new(FsErrorKind.ReadOnly, "the drive is read-only");

    /// <summary>Shared value. As of a disk that is remounted read-only before it goes.</summary>
    public static readonly FsError Ending = new(FsErrorKind.ReadOnly, "the drive is about to be unmounted");
}

/// <summary>A value or an error. A struct, so that success costs no allocation.</summary>
public readonly struct FsResult<T>
{
    private readonly T _value;

    private FsResult(T value, FsError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>Null on success.</summary>
    public FsError? Error { get; }

    /// <summary>The value; throws when there is an error.</summary>
    public T Value => Error is null ? _value : throw new InvalidOperationException(Error.Message);

    /// <summary>Success.</summary>
    public static implicit operator FsResult<T>(T value) => new(value, null);

    /// <summary>Failure.</summary>
    public static implicit operator FsResult<T>(FsError error) => new(default!, error);
}

/// <summary>The value of a call that returns nothing.</summary>
public readonly record struct Nothing;
