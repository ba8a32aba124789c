using System.CommandLine;
using System.Runtime.Versioning;
using SyncAgent.Agent.Cli.Windows;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent service</c>: the agent as a service of systemd, for the machine or for one user; on Windows as a service of the machine or with its
/// user's session.</summary>
internal static class ServiceCommand
{
    public static Command Build(CliContext context) => OperatingSystem.IsWindows()
        ? new("service", "Mounts the drives of a configuration file by itself: when you log on, or as a service from boot on.")
        {
            BuildInstall(context),
            BuildUninstall(context),
            BuildStatus(context),
            BuildRun(context),
        }
        : new("service", "Runs the drives of a configuration file as a service of systemd, from boot on.")
        {
            BuildInstall(context),
            BuildUninstall(context),
            BuildStatus(context),
            BuildClear(context),
        };

    private static Option<bool> SystemOption() => new("--system") { Description = "The machine's service, run by root, instead of your own" };

    private static Command BuildInstall(CliContext context)
    {
        var system = SystemOption();
        var config = new Option<string>("--config")
        {
            Description = $"Configuration file (default: {UsualPlaces.Config}, with --system {UsualPlaces.SystemConfig})", HelpName = "FILE",
        };
        var variables = new Option<string>("--environment-file")
        {
            Description = "File of mode 600 with lines NAME=VALUE, for keys that come from the environment", HelpName = "FILE",
        };
        var command = new Command("install", "Writes the unit from this program and the configuration, and starts it. Again: upgrades it.") { system, config, variables };
        if (OperatingSystem.IsWindows()) command.Options.Remove(variables);
        command.SetAction((parsed, stop) => OperatingSystem.IsWindows()
            ? Windows(parsed.GetValue(system), context).InstallAsync(parsed.GetValue(config), stop)
            : new ServiceInstall(new ServiceScope(parsed.GetValue(system), context), context).RunAsync(parsed.GetValue(config), parsed.GetValue(variables), stop));
        return command;
    }

    private static Command BuildUninstall(CliContext context)
    {
        var system = SystemOption();
        var command = new Command("uninstall", "Stops the service and removes its unit. What is not sent stays in the state folder.") { system };
        command.SetAction((parsed, stop) => OperatingSystem.IsWindows()
            ? Windows(parsed.GetValue(system), context).UninstallAsync(stop)
            : ServiceUninstall.RunAsync(new ServiceScope(parsed.GetValue(system), context), context, stop));
        return command;
    }

    private static Command BuildStatus(CliContext context)
    {
        var system = SystemOption();
        var json = new Option<bool>("--json") { Description = "For scripts" };
        var command = new Command("status", "Shows the service. Exit code 0 when it runs, else 1.") { system, json };
        command.SetAction((parsed, stop) => OperatingSystem.IsWindows()
            ? Windows(parsed.GetValue(system), context).StatusAsync(parsed.GetValue(json), stop)
            : ServiceStatus.RunAsync(new ServiceScope(parsed.GetValue(system), context), parsed.GetValue(json), context, stop));
        return command;
    }

    /// <summary>For the control manager of Windows.</summary>
    [SupportedOSPlatform("windows")]
    private static Command BuildRun(CliContext context)
    {
        var command = new Command("run", "Serves the control manager.") { Hidden = true };
        var config = new Option<string>("--config") { Description = "Configuration file", HelpName = "FILE", Required = true };
        command.Options.Add(config);
        command.SetAction(parsed => ServiceRun.Run(parsed.GetRequiredValue(config), context));
        return command;
    }

    [SupportedOSPlatform("windows")]
    private static WindowsServiceCommand Windows(bool system, CliContext context) => new(new ServiceScope(system, context), context);

    /// <summary>For ExecStopPost of the unit.</summary>
    private static Command BuildClear(CliContext context)
    {
        var command = new Command("clear", "Takes dead mounts of a state folder away.") { Hidden = true };
        var config = new Option<string>("--config") { Description = "Configuration file that may name the state folder", HelpName = "FILE" };
        command.Options.Add(config);
        var state = StateOption.AddTo(command);
        command.SetAction((parsed, stop) => ServiceClear.RunAsync(StateOption.Read(parsed, state, context, ServiceClear.StateOf(parsed.GetValue(config))), context, stop));
        return command;
    }
}
