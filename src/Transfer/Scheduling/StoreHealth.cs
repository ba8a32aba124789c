using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Whether a drive's store can be used.</summary>
/// <param name="Online">False while it does not answer or refuses the account: nothing is sent then, and nothing fails.</param>
/// <param name="Since">Since when it is so.</param>
/// <param name="Error">Why it is offline, or takes no more content, with what to do about it; null while all is well.</param>
/// <param name="Kind">The kind of that error; null while all is well.</param>
public sealed record StoreHealth(bool Online, DateTimeOffset Since, string? Error, StoreErrorKind? Kind)
{
    /// <summary>Whether the store answers but refuses the drive as a whole, or more content: only somebody with the account can put that right.</summary>
    public bool IsRefused => Kind is { } kind && (Online || StoreWatch.IsDriveWide(kind));
}
