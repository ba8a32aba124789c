using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Windows;

/// <summary>The one table from file system errors to NTSTATUS values (MS-ERREF 2.3.1).</summary>
public static class NtStatusMap
{
    /// <summary>The status of an error.</summary>
    public static int Of(FsErrorKind kind) => unchecked((int)(kind switch
    {
        FsErrorKind.NotFound => 0xC0000034, // OBJECT_NAME_NOT_FOUND
        FsErrorKind.Exists => 0xC0000035, // OBJECT_NAME_COLLISION
        FsErrorKind.NotDirectory => 0xC0000103, // NOT_A_DIRECTORY
        FsErrorKind.IsDirectory => 0xC00000BA, // FILE_IS_A_DIRECTORY
        FsErrorKind.NotEmpty => 0xC0000101, // DIRECTORY_NOT_EMPTY
        FsErrorKind.NameTooLong => 0xC0000106, // NAME_TOO_LONG
        FsErrorKind.InvalidName => 0xC0000033, // OBJECT_NAME_INVALID
        FsErrorKind.InvalidArgument => 0xC000000D, // INVALID_PARAMETER
        FsErrorKind.BadHandle => 0xC0000008, // INVALID_HANDLE
        FsErrorKind.NotPermitted => 0xC0000010, // INVALID_DEVICE_REQUEST
        FsErrorKind.AccessDenied => 0xC0000022, // ACCESS_DENIED
        FsErrorKind.ReadOnly => 0xC00000A2, // MEDIA_WRITE_PROTECTED
        FsErrorKind.NoSpace => 0xC000007F, // DISK_FULL
        FsErrorKind.TooLarge => 0xC0000904, // FILE_TOO_LARGE
        FsErrorKind.NotSupported => 0xC00000BB, // NOT_SUPPORTED
        FsErrorKind.NoAttribute => 0xC0000052, // NO_EAS_ON_FILE
        FsErrorKind.BufferTooSmall => 0x80000005, // BUFFER_OVERFLOW
        FsErrorKind.Offline => 0xC00000B5, // IO_TIMEOUT
        FsErrorKind.Stale => 0xC0000128, // FILE_CLOSED
        FsErrorKind.Archived => 0xC0000267, // FILE_IS_OFFLINE
        FsErrorKind.Interrupted => 0xC0000120, // CANCELLED
        FsErrorKind.Io => 0xC0000185, // IO_DEVICE_ERROR
        FsErrorKind.NoData => 0xC0000011, // END_OF_FILE
        FsErrorKind.TooManyOpen => 0xC000011F, // TOO_MANY_OPENED_FILES
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    }));
}
