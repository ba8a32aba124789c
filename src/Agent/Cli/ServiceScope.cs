using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Cli;

/// <summary>Whose service: the machine's (root's), or that of the user who gives the command. Says where things are and talks to the
/// service manager.</summary>
internal sealed class ServiceScope(bool system, CliContext context)
{
    /// <summary>The property of a unit that names its file.</summary>
    public const string FragmentPath = "FragmentPath";

    /// <summary>Whether it is the machine's.</summary>
    public bool IsSystem => system;

    /// <summary>Option of other commands that means the same.</summary>
    public string Option => system ? " --system" : "";

    /// <summary>The unit file.</summary>
    public string UnitFile => Path.Combine(system ? "/etc/systemd/system" : Path.Combine(ConfigHome, "systemd", "user"), SystemdUnit.Name);

    /// <summary>The configuration file that is taken when none is named.</summary>
    public string DefaultConfig => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(system ? Environment.SpecialFolder.CommonApplicationData : Environment.SpecialFolder.ApplicationData), "SyncAgent", "config.json")
        : Path.Combine(system ? "/etc" : ConfigHome, "syncagent", "config.json");

    /// <summary>The state folder of a configuration that names none.</summary>
    public string DefaultState => !system ? StateFolder.Default(context.Environment)
        : OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "SyncAgent", "state")
        : SystemdUnit.MachineState;

    private string ConfigHome => context.Environment("XDG_CONFIG_HOME") is { } given && Path.IsPathFullyQualified(given)
        ? given
        : Path.Combine(context.Environment("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");

    /// <summary>Fails with the reason where there is no such service manager, or it is not for this user.</summary>
    public async Task CheckAsync(CancellationToken stop)
    {
        if (system && NativeMethods.EffectiveUserId() != 0)
            throw new CommandException(ExitCodes.NeedsUser, "the machine's service is root's: run the command with sudo, or leave --system out for a service of your own.");
        ProgramResult state;
        try
        {
            state = await RunAsync(["is-system-running"], stop);
        }
        catch (IOException)
        {
            throw new CommandException(ExitCodes.NeedsUser, "there is no systemd here; start \"syncagent mount --foreground --config FILE\" with the service manager of this machine.");
        }

        // "offline": systemd is installed, but something else started this machine (a container, say). No word at all: no bus to the user's manager.
        if (state.Output.Trim() is not ("" or "offline" or "unknown")) return;
        throw new CommandException(
            ExitCodes.NeedsUser,
            system || state.Output.Trim() == "offline"
                ? "systemd does not run this machine; start \"syncagent mount --foreground --config FILE\" with what does."
                : $"your service manager does not answer ({FirstLine(state.Error)}). Log in directly (not by su or sudo), or use --system as root.");
    }

    /// <summary>Runs systemctl.</summary>
    public Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken stop) =>
        context.RunProgram("systemctl", system ? arguments : ["--user", .. arguments], stop);

    /// <summary>Runs systemctl; it must succeed.</summary>
    public async Task DoAsync(IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var result = await RunAsync(arguments, stop);
        if (result.ExitCode == 0) return;
        throw new CommandException(
            ExitCodes.NeedsUser,
            $"systemctl {string.Join(' ', arguments)} failed: {FirstLine(result.Error)}\nsyncagent: \"journalctl{(system ? "" : " --user")} -u {SystemdUnit.Name} -n 20\" shows what the agent said.");
    }

    /// <summary>Properties of the unit, as "systemctl show" prints them.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ShowAsync(IReadOnlyList<string> properties, CancellationToken stop)
    {
        var result = await RunAsync(["show", SystemdUnit.Name, $"--property={string.Join(',', properties)}"], stop);
        return result.Output.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    /// <summary>The unit file that a package has brought, where no own one takes its place; or null.</summary>
    public async Task<string?> PackagedUnitAsync(CancellationToken stop) =>
        (await ShowAsync([FragmentPath], stop)).GetValueOrDefault(FragmentPath) is { Length: > 0 } file && file != UnitFile ? file : null;

    private static string FirstLine(string text) => text.Trim().Split('\n')[0];
}
