namespace SyncAgent.Store;

/// <summary>Credentials that never change, from the configuration.</summary>
public sealed class StaticCredentials(StoreCredentials credentials) : ICredentialsProvider
{
    private readonly StoreCredentials _credentials = Check(credentials);

    /// <inheritdoc/>
    public ValueTask<StoreCredentials> GetAsync(CancellationToken cancellationToken) => new(_credentials);

    /// <inheritdoc/>
    public override string ToString() => _credentials.ToString();

    private static StoreCredentials Check(StoreCredentials credentials)
    {
        if (string.IsNullOrWhiteSpace(credentials.AccessKeyId) || string.IsNullOrWhiteSpace(credentials.AccessKeySecret))
            throw new StoreException(StoreErrorKind.BadCredentials, "The access key id and its secret must both be set.");
        return credentials;
    }
}
