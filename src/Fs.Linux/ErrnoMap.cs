using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux;

/// <summary>The one table from the file system's errors to Linux's.</summary>
internal static class ErrnoMap
{
    /// <summary>Error number of a kind; a test asserts that every kind has its own line.</summary>
    public static Errno ToErrno(FsErrorKind kind) => kind switch
    {
        FsErrorKind.NotFound => Errno.ENOENT,
        FsErrorKind.Exists => Errno.EEXIST,
        FsErrorKind.NotDirectory => Errno.ENOTDIR,
        FsErrorKind.IsDirectory => Errno.EISDIR,
        FsErrorKind.NotEmpty => Errno.ENOTEMPTY,
        FsErrorKind.NameTooLong => Errno.ENAMETOOLONG,
        FsErrorKind.InvalidName => Errno.EILSEQ,
        FsErrorKind.InvalidArgument => Errno.EINVAL,
        FsErrorKind.BadHandle => Errno.EBADF,
        FsErrorKind.NotPermitted => Errno.EPERM,
        FsErrorKind.AccessDenied => Errno.EACCES,
        FsErrorKind.ReadOnly => Errno.EROFS,
        FsErrorKind.NoSpace => Errno.ENOSPC,
        FsErrorKind.TooLarge => Errno.EFBIG,
        FsErrorKind.NotSupported => Errno.EOPNOTSUPP,
        FsErrorKind.NoAttribute => Errno.ENODATA,
        FsErrorKind.BufferTooSmall => Errno.ERANGE,
        FsErrorKind.Offline => Errno.ETIMEDOUT,
        FsErrorKind.Stale => Errno.ESTALE,
        FsErrorKind.Archived => Errno.EREMOTEIO,
        FsErrorKind.Interrupted => Errno.EINTR,
        FsErrorKind.Io => Errno.EIO,
        FsErrorKind.NoData => Errno.ENXIO,
        FsErrorKind.TooManyOpen => Errno.ENFILE,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No errno for this kind."),
    };
}
