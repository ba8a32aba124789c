using System.Security.Cryptography;

namespace SyncAgent.Store;

/// <summary>Credentials from a file with profiles, as ossutil (<c>~/.ossutilconfig</c>) and AWS's tools (<c>~/.aws/credentials</c>) keep
/// them. Read again whenever the file changes, so whoever writes fresh temporary keys into it keeps the drive going.</summary>
/// <param name="path">Absolute path of the file.</param>
/// <param name="profile">Name of the section; null for "default", for ossutil's "Credentials", or for the only one there is.</param>
public sealed class ProfileCredentials(string path, string? profile) : ICredentialsProvider
{
    private readonly Lock _lock = new();
    private (PrivateFile.Stamp Stamp, StoreCredentials Credentials)? _known;

    /// <inheritdoc/>
    public ValueTask<StoreCredentials> GetAsync(CancellationToken cancellationToken)
    {
        var stamp = PrivateFile.Check(path);
        lock (_lock)
        {
            // The stamp is taken before the read: a change in between is seen the next time.
            if (_known is not { } known || known.Stamp != stamp) _known = (stamp, Read());
            return new ValueTask<StoreCredentials>(_known.Value.Credentials);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => profile is null ? path : $"{path}, profile {profile}";

    private StoreCredentials Read()
    {
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> profiles;
        try
        {
            profiles = ProfileFile.Parse(File.ReadAllLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Bad($"{path} cannot be read: {e.Message}", e);
        }

        var (name, values) = Choose(profiles);
        string? id = null, secret = null, token = null;
        foreach (var (key, value) in values)
        {
            if (value.Length == 0) continue;
            switch (key.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant())
            {
                case "accesskeyid" or "awsaccesskeyid": id = value; break;
                case "accesskeysecret" or "awssecretaccesskey": secret = Open(value); break;
                case "ststoken" or "securitytoken" or "awssessiontoken": token = Open(value); break;
            }
        }

        if (id is null) throw Bad($"{path}, profile {name}: no accessKeyID (aws_access_key_id).");
        return secret is null ? throw Bad($"{path}, profile {name}: no accessKeySecret (aws_secret_access_key).") : new StoreCredentials(id, secret, token);
    }

    private string Open(string value)
    {
        try
        {
            return ProtectedText.Open(value);
        }
        catch (CryptographicException e)
        {
            throw Bad($"{path}: Windows does not give a key back that was kept for another user or machine. Enter it again (\"syncagent init\").", e);
        }
    }

    private (string Name, IReadOnlyDictionary<string, string> Values) Choose(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> profiles)
    {
        foreach (var name in profile is null ? (string[])["default", "Credentials"] : [profile])
        {
            if (profiles.TryGetValue(name, out var values)) return (name, values);
        }

        if (profile is null && profiles.Count == 1) return (profiles.Keys.First(), profiles.Values.First());
        throw Bad(
            $"{path} has no profile {profile ?? "default"}; {(profiles.Count == 0 ? "it has none" : $"choose one of {string.Join(", ", profiles.Keys)}")}.");
    }

    private static StoreException Bad(string message, Exception? inner = null) => new(StoreErrorKind.BadCredentials, message, inner);
}
