using SyncAgent.Agent.Cli;
using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>Keys come from the environment, never from the command line, which every user of a machine can read.</summary>
internal static class Credentials
{
    /// <summary>What is wrong when there are none.</summary>
    public const string Missing =
        $"no credentials: set {EnvironmentCredentials.KeyIdVariable} and {EnvironmentCredentials.SecretVariable} in the environment " +
        $"(and {EnvironmentCredentials.TokenVariable} for temporary ones).";

    /// <summary>The keys of the environment.</summary>
    /// <exception cref="CommandException">There are none; exit code 78.</exception>
    public static StaticCredentials FromEnvironment(Func<string, string?> environment) => new(TryRead(environment) ?? throw
        CommandException.Configuration([Missing]));

    /// <summary>The keys of the environment, or null.</summary>
    public static StoreCredentials? TryRead(Func<string, string?> environment)
    {
        var id = environment(EnvironmentCredentials.KeyIdVariable)?.Trim();
        var secret = environment(EnvironmentCredentials.SecretVariable)?.Trim();
        var token = environment(EnvironmentCredentials.TokenVariable)?.Trim();
        return string.IsNullOrEmpty(id) || string.IsNullOrEmpty(secret) ? null : new StoreCredentials(id, secret, string.IsNullOrEmpty(token) ? null : token);
    }
}
