namespace SyncAgent.Store;

/// <summary>Credentials from <c>OSS_ACCESS_KEY_ID</c>, <c>OSS_ACCESS_KEY_SECRET</c> and, optionally, <c>OSS_SESSION_TOKEN</c>,
/// the names that Alibaba's own tools use.</summary>
public sealed class EnvironmentCredentials : ICredentialsProvider
{
    /// <summary>Variable with the access key id.</summary>
    public const string KeyIdVariable = "OSS_ACCESS_KEY_ID";

    /// <summary>Variable with the secret.</summary>
    public const string SecretVariable = "OSS_ACCESS_KEY_SECRET";

    /// <summary>Variable with the security token of temporary credentials.</summary>
    public const string TokenVariable = "OSS_SESSION_TOKEN";

    private readonly Func<string, string?> _read;

    /// <summary>Reads the process environment.</summary>
    public EnvironmentCredentials()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    internal EnvironmentCredentials(Func<string, string?> read) => _read = read;

    /// <inheritdoc/>
    public ValueTask<StoreCredentials> GetAsync(CancellationToken cancellationToken)
    {
        var id = Read(KeyIdVariable);
        var secret = Read(SecretVariable);
        if (id is not null && secret is not null) return new(new StoreCredentials(id, secret, Read(TokenVariable)));

        string[] missing = [.. new[] { id is null ? KeyIdVariable : null, secret is null ? SecretVariable : null }.OfType<string>()];
        return ValueTask.FromException<StoreCredentials>(new StoreException(
            StoreErrorKind.BadCredentials,
            $"No credentials: set {string.Join(" and ", missing)} in the environment (and {TokenVariable} for temporary credentials)."));
    }

    private string? Read(string name) => _read(name)?.Trim() is { Length: > 0 } value ? value : null;
}
