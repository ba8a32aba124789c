using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>Keys of the environment. They never stand on the command line, which every user of a machine can read.</summary>
internal static class Credentials
{
    /// <summary>The variables of a store type.</summary>
    public static CredentialVariables VariablesOf(string store) => store == TargetSettings.S3 ? CredentialVariables.S3 : CredentialVariables.Oss;

    /// <summary>What is wrong when a target needs keys of the environment and there are none, or names a source that was not kept whole;
    /// or null.</summary>
    public static string? Missing(TargetSettings target, Func<string, string?> environment)
    {
        if (target.Credentials.Withheld)
        {
            var what = target.Credentials.Source is CredentialsSource.Process ? "a command" : "a role, by what may be a secret";
            return $"this drive's keys come from {what}, which is not kept in the state folder: name the configuration file with --config, or a source with --credentials.";
        }

        if (!target.Credentials.NeedsEnvironment || TryRead(target, environment) is not null) return null;
        var names = VariablesOf(target.Store);
        return $"no credentials: set {names.KeyId} and {names.Secret} in the environment (and {names.Token} for temporary ones), or name another source with --credentials.";
    }

    /// <summary>The keys of the environment for a target, or null.</summary>
    public static StoreCredentials? TryRead(TargetSettings target, Func<string, string?> environment)
    {
        var names = VariablesOf(target.Store);
        var id = environment(names.KeyId)?.Trim();
        var secret = environment(names.Secret)?.Trim();
        var token = environment(names.Token)?.Trim();
        return string.IsNullOrEmpty(id) || string.IsNullOrEmpty(secret) ? null : new StoreCredentials(id, secret, string.IsNullOrEmpty(token) ? null : token);
    }
}
