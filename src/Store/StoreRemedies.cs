namespace SyncAgent.Store;

/// <summary>One sentence per kind of error that says what to do.</summary>
internal static class StoreRemedies
{
    public static string For(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.NotFound => "The object is gone; refresh the folder.",
        StoreErrorKind.NoSuchBucket => "Check the bucket's name, its region and the endpoint.",
        StoreErrorKind.NoSuchUpload => "Nothing to do: the upload starts again.",
        StoreErrorKind.AlreadyExists => "The key is taken: a drive keeps both versions; elsewhere choose another key, or allow overwriting.",
        StoreErrorKind.PreconditionFailed => "The object changed in the bucket; both versions are kept.",
        StoreErrorKind.BadCredentials => "Check the access key id, the secret and the region.",
        StoreErrorKind.TokenExpired => "Supply fresh temporary credentials; the upload goes on where it stopped.",
        StoreErrorKind.AccessDenied => "Grant this key the permission that the message names.",
        StoreErrorKind.AccountDisabled => "Settle the account with the provider (it is in arrears, suspended or not signed up); what waits is sent by itself then.",
        StoreErrorKind.ClockSkew => "Set this machine's clock: it differs from the store's by more than 15 minutes.",
        StoreErrorKind.Throttled => "Nothing to do: it is tried again more slowly.",
        StoreErrorKind.Unavailable => "Nothing to do: it is tried again when the store answers.",
        StoreErrorKind.Network => "Check the network and the endpoint; it is tried again by itself.",
        StoreErrorKind.Timeout => "Check the network; it is tried again by itself.",
        StoreErrorKind.ChecksumMismatch => "Nothing to do: the bytes are sent again.",
        StoreErrorKind.SourceChanged => "The local copy changed or its disk is failing; check the disk, then write the file again.",
        StoreErrorKind.InvalidPart => "Nothing to do: the upload starts again.",
        StoreErrorKind.TooLarge => "The file is larger than the store takes.",
        StoreErrorKind.InvalidName => "Rename the file: the store refuses this name.",
        StoreErrorKind.Archived => "Restore the object from its archive class first.",
        StoreErrorKind.QuotaExceeded => "Free space in the bucket or raise the account's quota.",
        StoreErrorKind.NotSupported => "This store cannot do that; check the endpoint and the store type.",
        StoreErrorKind.Refused => "See the store's message.",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
