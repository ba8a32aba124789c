using System.CommandLine;
using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Cli;

/// <summary>The option that names the state folder.</summary>
internal static class StateOption
{
    /// <summary>Adds it to a command.</summary>
    public static Option<string> AddTo(Command command)
    {
        var key = AgentKeys.State;
        var option = new Option<string>(key.Option!) { Description = key.Help, HelpName = key.HelpName };
        command.Options.Add(option);
        return option;
    }

    /// <summary>The folder, absolute: as given, or the user's default.</summary>
    public static string Read(ParseResult parsed, Option<string> option, CliContext context, string? configured = null) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetValue(option) ?? configured ?? StateFolder.Default(context.Environment)));
}
