namespace SyncAgent.Store;

/// <summary>Names of the environment variables that hold a key.</summary>
/// <param name="KeyId">Variable with the access key id.</param>
/// <param name="Secret">Variable with the secret.</param>
/// <param name="Token">Variable with the security token of temporary credentials.</param>
public sealed record CredentialVariables(string KeyId, string Secret, string Token)
{
    /// <summary>The names that Alibaba's own tools use.</summary>
    public static CredentialVariables Oss { get; } = new(
        EnvironmentCredentials.KeyIdVariable, EnvironmentCredentials.SecretVariable, EnvironmentCredentials.TokenVariable);

    /// <summary>The names that every S3 tool uses.</summary>
    public static CredentialVariables S3 { get; } = new("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN");
}

/// <summary>Credentials from <c>OSS_ACCESS_KEY_ID</c>, <c>OSS_ACCESS_KEY_SECRET</c> and, optionally, <c>OSS_SESSION_TOKEN</c>,
/// the names that Alibaba's own tools use, or from those of another store.</summary>
public sealed class EnvironmentCredentials : ICredentialsProvider
{
    /// <summary>Variable with the access key id for OSS.</summary>
    public const string KeyIdVariable = "OSS_ACCESS_KEY_ID";

    /// <summary>Variable with the secret for OSS.</summary>
    public const string SecretVariable = "OSS_ACCESS_KEY_SECRET";

    /// <summary>Variable with the security token of temporary credentials for OSS.</summary>
    public const string TokenVariable = "OSS_SESSION_TOKEN";

    private readonly Func<string, string?> _read;
    private readonly CredentialVariables _names;

    /// <summary>Reads the process environment, for OSS.</summary>
    public EnvironmentCredentials()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    /// <summary>Reads an environment.</summary>
    /// <param name="read">Gives a variable's value, or null.</param>
    /// <param name="names">Which variables; null for those of OSS.</param>
    public EnvironmentCredentials(Func<string, string?> read, CredentialVariables? names = null)
    {
        _read = read;
        _names = names ?? CredentialVariables.Oss;
    }

    /// <inheritdoc/>
    public ValueTask<StoreCredentials> GetAsync(CancellationToken cancellationToken)
    {
        var id = Read(_names.KeyId);
        var secret = Read(_names.Secret);
        if (id is not null && secret is not null) return new(new StoreCredentials(id, secret, Read(_names.Token)));

        string[] missing = [.. new[] { id is null ? _names.KeyId : null, secret is null ? _names.Secret : null }.OfType<string>()];
        return ValueTask.FromException<StoreCredentials>(new StoreException(
            StoreErrorKind.BadCredentials,
            $"No credentials: set {string.Join(" and ", missing)} in the environment (and {_names.Token} for temporary credentials)."));
    }

    private string? Read(string name) => _read(name)?.Trim() is { Length: > 0 } value ? value : null;
}
