using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>The one translation of the layers below into file system errors.</summary>
internal static class FsErrors
{
    private const int TooManyOpenInSystem = 23;
    private const int TooManyOpen = 24;
    private const int FileTooLarge = 27;
    private const int NoSpaceOnDevice = 28;
    private const int NotSupported = 95;
    private const int QuotaExceeded = 122;
    private const int DiskFullHResult = unchecked((int)0x80070070); // ERROR_DISK_FULL
    private const int HandleDiskFullHResult = unchecked((int)0x80070027); // ERROR_HANDLE_DISK_FULL

    public static FsError From(StoreException e) => e.Kind switch
    {
        StoreErrorKind.NotFound or StoreErrorKind.PreconditionFailed =>
            new FsError(FsErrorKind.Stale, "the object changed in the bucket while it was read; open the file again", e),
        StoreErrorKind.AccessDenied or StoreErrorKind.AccountDisabled => new FsError(FsErrorKind.AccessDenied, $"{e.Message} {e.Remedy}", e),
        StoreErrorKind.Archived => new FsError(FsErrorKind.Archived, $"{e.Message} {e.Remedy}", e),
        StoreErrorKind.Network or StoreErrorKind.Timeout or StoreErrorKind.Unavailable or StoreErrorKind.Throttled =>
            new FsError(FsErrorKind.Offline, $"{e.Message} {e.Remedy}", e),
        _ => new FsError(FsErrorKind.Io, $"{e.Message} {e.Remedy}", e),
    };

    public static FsError From(JournalException e) => new(e.DiskFull ? FsErrorKind.NoSpace : FsErrorKind.Io, e.Message, e);

    public static FsError From(IOException e) => e.HResult switch
    {
        NoSpaceOnDevice or QuotaExceeded or DiskFullHResult or HandleDiskFullHResult =>
            new FsError(FsErrorKind.NoSpace, "the staging disk is full; free space or wait for uploads", e),
        TooManyOpen or TooManyOpenInSystem =>
            new FsError(FsErrorKind.TooManyOpen, "no descriptor is left for staging files; raise the limit of open files (LimitNOFILE)", e),
        FileTooLarge => new FsError(FsErrorKind.TooLarge, "larger than a file of the staging disk can be", e),
        NotSupported => new FsError(FsErrorKind.NotSupported, "the staging disk's file system cannot do that", e),
        _ => new FsError(FsErrorKind.Io, $"the staging disk failed: {e.Message}", e),
    };
}
