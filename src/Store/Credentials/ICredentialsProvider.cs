namespace SyncAgent.Store;

/// <summary>Gives the credentials for each request. Thread-safe; cheap, since it is asked every time.</summary>
public interface ICredentialsProvider
{
    /// <summary>The credentials to sign with now.
    /// Throws <see cref="StoreException"/> (<see cref="StoreErrorKind.BadCredentials"/>) when there are none.</summary>
    ValueTask<StoreCredentials> GetAsync(CancellationToken cancellationToken);

    /// <summary>Asked at once after the store has called a token expired: other credentials than <paramref name="refused"/>, really
    /// fetched anew unless that has happened meanwhile. The same ones again mean that there are no others.</summary>
    /// <param name="refused">The credentials that the store refused.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<StoreCredentials> RenewAsync(StoreCredentials refused, CancellationToken cancellationToken) => GetAsync(cancellationToken);
}
