using System.CommandLine;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary>Finds the agent that a command line means: that of the drive in which a path is, or of the state folder.</summary>
internal static class AgentLink
{
    /// <summary>The path as it is in drives: absolute, without a slash at the end.</summary>
    public static string Absolute(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>The mount above a path, or null.</summary>
    public static MountEntry? MountAbove(string path, CliContext context) => new MountRegistry(StateFolder.Runtime(context.Environment)).FindAbove(path);

    /// <summary>Connects to the agent.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="state">Its option for the state folder, which comes first.</param>
    /// <param name="context">The world.</param>
    /// <param name="path">Absolute path whose drive tells the state folder, or null.</param>
    /// <param name="stop">Cancels.</param>
    /// <exception cref="CommandException">No agent answers.</exception>
    public static async Task<ControlClient> ConnectAsync(
        ParseResult parsed, Option<string> state, CliContext context, string? path, CancellationToken stop)
    {
        var where = StateOption.Read(parsed, state, context, path is null ? null : MountAbove(path, context)?.State);
        return await ControlClient.TryConnectAsync(where, stop) ?? throw StatusCommand.NoAgent(where);
    }
}
