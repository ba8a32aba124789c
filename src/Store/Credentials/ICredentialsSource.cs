namespace SyncAgent.Store;

/// <summary>Where temporary credentials come from. Slow; <see cref="RefreshingCredentials"/> asks it only when it must.</summary>
public interface ICredentialsSource
{
    /// <summary>Fetches credentials, within a time of its own. Throws <see cref="StoreException"/>; a transient kind when a later
    /// attempt may succeed by itself.</summary>
    Task<TimedCredentials> FetchAsync(CancellationToken cancellationToken);
}

/// <summary>Credentials and when they end. Printing it shows no secret.</summary>
/// <param name="Credentials">The credentials.</param>
/// <param name="Expires">When the store stops taking them, or null when that is not known or never.</param>
public sealed record TimedCredentials(StoreCredentials Credentials, DateTimeOffset? Expires);
