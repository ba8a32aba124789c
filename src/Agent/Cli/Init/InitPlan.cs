using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli.Init;

/// <summary>A first drive, as it was asked for: by options, or by the answers to questions.</summary>
/// <param name="MountPoint">Absolute path.</param>
/// <param name="Target">The bucket, checked.</param>
/// <param name="Profile">Name of the keys' profile in the credentials file.</param>
/// <param name="Keys">Keys to be kept in the credentials file, or null: the target names their source.</param>
internal sealed record InitPlan(string MountPoint, TargetSettings Target, string Profile, StoreCredentials? Keys)
{
    /// <summary>Tries the keys: those that are to be kept, or those of the target's own source.</summary>
    public ICredentialsProvider ToProvider(CliContext context) => Keys is { } keys
        ? new StaticCredentials(keys)
        : new EnvironmentCredentials(context.Environment, Credentials.VariablesOf(Target.Store));
}
