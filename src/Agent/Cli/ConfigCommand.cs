using System.CommandLine;
using System.Globalization;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Repair;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent config</c>: looks at a configuration file, checks it, and changes it safely.</summary>
internal static class ConfigCommand
{
    public static Command Build(CliContext context) => new("config", "Shows, checks and edits the configuration file.")
    {
        Make("show", "Prints the file without secrets.", context, ShowAsync),
        Make("check", "Names every mistake with its line: 0 there is none, 78 there are some.", context, CheckAsync),
        Make("edit", "Opens a copy in $VISUAL or $EDITOR; it takes the file's place only when it has no mistake.", context, (path, world, stop) => new ConfigEdit(world).RunAsync(path, stop)),
        Print("reference", "Prints what may stand in the file, in Markdown: every key with its option, values and default.", context, ConfigReference.Render),
        Print("schema", "Prints the JSON Schema of the file, by which editors complete and check it.", context, ConfigSchema.Render),
    };

    private static Command Print(string name, string description, CliContext context, Func<string> render)
    {
        var command = new Command(name, description);
        command.SetAction(async (_, stop) =>
        {
            await context.Out.WriteAsync(render().AsMemory(), stop);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Make(string name, string description, CliContext context, Func<string, CliContext, CancellationToken, Task<int>> run)
    {
        var config = new Option<string>("--config")
        {
            Description = $"The file (default: {UsualPlaces.Config}, with --system {UsualPlaces.SystemConfig})", HelpName = "FILE",
        };
        var system = new Option<bool>("--system") { Description = "That of the machine's service" };
        var command = new Command(name, description) { config, system };
        command.SetAction((parsed, stop) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(config) ?? new ServiceScope(parsed.GetValue(system), context).DefaultConfig);
            if (!File.Exists(path)) throw new CommandException(ExitCodes.Configuration, $"{path}: there is no such file; \"syncagent init\" makes one, --config names another.");
            return run(path, context, stop);
        });
        return command;
    }

    private static async Task<int> ShowAsync(string path, CliContext context, CancellationToken stop)
    {
        var text = await File.ReadAllTextAsync(path, stop);
        var shown = new RedactedJson(new Redactor(withNames: true, [])).Redact(text);
        if (shown is null) ConfigFile.Read(path); // says what is wrong, and where
        await context.Out.WriteLineAsync(shown.AsMemory(), stop);
        return ExitCodes.Ok;
    }

    private static async Task<int> CheckAsync(string path, CliContext context, CancellationToken stop)
    {
        var config = ConfigFile.Read(path);
        var mistakes = new List<string>();
        var state = Path.TrimEndingDirectorySeparator(config.State ?? StateFolder.Default(context.Environment));
        foreach (var drive in config.Drives) DriveValidator.CheckMountPoint(drive.MountPoint, state, $"{path}: mount", mistakes);
        if (mistakes.Count > 0) throw CommandException.Configuration(mistakes);
        await context.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{path}: no mistake; {config.Drives.Count} {(config.Drives.Count == 1 ? "drive" : "drives")}").AsMemory(), stop);
        foreach (var drive in config.Drives)
            await context.Out.WriteLineAsync($"  {drive.MountPoint}: {drive.Target.Bucket}/{drive.Target.Prefix} at {drive.Target.EndpointHost}".AsMemory(), stop);
        return ExitCodes.Ok;
    }
}
