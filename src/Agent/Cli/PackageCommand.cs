using System.CommandLine;
using SyncAgent.Agent.Cli.Windows;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent package</c>, hidden: what those who build and remove packages ask of the program.</summary>
internal static class PackageCommand
{
    public static Command Build(CliContext context)
    {
        var command = new Command("package", "What packages ask of the program.") { BuildUnit(context), BuildUnsent(context) };
        command.Hidden = true;
        if (OperatingSystem.IsWindows())
        {
            foreach (var verb in WindowsPackage.Build(context)) command.Add(verb);
        }

        return command;
    }

    private static Command BuildUnit(CliContext context)
    {
        var system = new Option<bool>("--system") { Description = "The machine's unit instead of a user's" };
        var program = new Option<string>("--program") { Description = "Where the program will be", HelpName = "FILE", Required = true };
        var command = new Command("unit", "Prints the unit of systemd that a package brings.") { system, program };
        command.Hidden = true;
        command.SetAction(async (parsed, stop) =>
        {
            await context.Out.WriteAsync(SystemdUnit.RenderForPackage(parsed.GetValue(system), parsed.GetRequiredValue(program)).AsMemory(), stop);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>Exit code 0 tells that a state folder may be deleted; everything else that it may not.</summary>
    private static Command BuildUnsent(CliContext context)
    {
        var command = new Command("unsent", "Says what of a state folder is in no bucket; exit code 0 when that is nothing.") { Hidden = true };
        var state = StateOption.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var folder = StateOption.Read(parsed, state, context);
            var found = OnlyHere.Find(folder, context.Time) ?? throw new CommandException(ExitCodes.NeedsUser, $"an agent works on {folder}.");
            foreach (var line in found) await context.Out.WriteLineAsync(line.AsMemory(), stop);
            return found.Count == 0 ? ExitCodes.Ok : ExitCodes.NeedsUser;
        });
        return command;
    }
}
