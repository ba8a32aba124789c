namespace SyncAgent.Store;

/// <summary>Gives the credentials for each request. Thread-safe; cheap, since it is asked every time.</summary>
public interface ICredentialsProvider
{
    /// <summary>The credentials to sign with now. Asked again at once after the store calls a token expired.
    /// Throws <see cref="StoreException"/> (<see cref="StoreErrorKind.BadCredentials"/>) when there are none.</summary>
    ValueTask<StoreCredentials> GetAsync(CancellationToken cancellationToken);
}
