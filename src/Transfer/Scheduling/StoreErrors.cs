using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>What errors of the store mean for what to do next.</summary>
internal static class StoreErrors
{
    /// <summary>Whether the request may have been carried out although no good answer came.</summary>
    public static bool LeavesDoubt(StoreException error) => error.MayHaveSucceeded
        || error.Kind is StoreErrorKind.Network or StoreErrorKind.Timeout or StoreErrorKind.Unavailable;

    /// <summary>Whether the store did answer, and what it holds now is not what it was to hold: another checksum, options that it
    /// dropped. Size and metadata prove nothing of such an object.</summary>
    public static bool IsContradiction(StoreException error) =>
        error.MayHaveSucceeded && error.Kind is StoreErrorKind.ChecksumMismatch or StoreErrorKind.NotSupported;

    /// <summary>Whether the next key may fare better at once: neither the store nor the link nor the account as a whole is in trouble.</summary>
    public static bool IsOfOneKey(StoreException error) => !error.IsTransient && !StoreWatch.IsDriveWide(error.Kind);

    /// <summary>Errors that somebody with the account must put right: nothing is wrong with the file.</summary>
    public static bool IsForTheAccount(StoreErrorKind kind) =>
        StoreWatch.IsDriveWide(kind) || kind is StoreErrorKind.AccessDenied or StoreErrorKind.QuotaExceeded;
}
