using System.Runtime.Versioning;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Hosting.Windows;

namespace SyncAgent.Agent.Cli.Windows;

/// <summary>What starts by itself on Windows, with the machine or with its user's session: a configuration that was checked.</summary>
/// <param name="Config">Configuration file, absolute.</param>
/// <param name="State">State folder, absolute.</param>
/// <param name="File">What stands in it.</param>
[SupportedOSPlatform("windows")]
internal sealed record WindowsServicePlan(string Config, string State, ConfigFile File)
{
    /// <summary>What the control manager starts.</summary>
    public string ServiceLine => Line("service", "run", "--config", Config);

    /// <summary>What the session starts.</summary>
    public string LogonLine => Line("mount", "--config", Config);

    /// <summary>Reads and checks a configuration.</summary>
    /// <exception cref="CommandException">Exit code 78: with every mistake.</exception>
    public static WindowsServicePlan Read(ServiceScope scope, string? config)
    {
        var path = Path.GetFullPath(config ?? scope.DefaultConfig);
        var file = ConfigFile.Read(path);
        var state = Path.TrimEndingDirectorySeparator(file.State ?? scope.DefaultState);
        var mistakes = new List<string>();
        if (file.Drives.Count == 0) mistakes.Add($"{path}: no drives in it.");
        foreach (var drive in file.Drives) DriveValidator.CheckMountPoint(drive.MountPoint, state, "mount", mistakes);
        var variables = scope.IsSystem ? EnvironmentVariableTarget.Machine : EnvironmentVariableTarget.User;
        foreach (var drive in file.Drives)
        {
            if (Credentials.Missing(drive.Target, name => Environment.GetEnvironmentVariable(name, variables)) is null) continue;
            mistakes.Add(
                $"the drive at {drive.MountPoint} takes its keys from the environment, and what starts by itself has none of this window's: " +
                "give the drive another source in \"credentials\"; \"syncagent init\" keeps keys in an encrypted file.");
        }

        return mistakes.Count == 0 ? new WindowsServicePlan(path, state, file) : throw CommandException.Configuration([.. mistakes.Distinct()]);
    }

    /// <summary>The configuration file of a line that was made here; null for another.</summary>
    public static string? ConfigOf(string line)
    {
        if (!line.Contains("\"--config\" \"", StringComparison.Ordinal)) return null;
        // The last word, and no path has a quote in it.
        var end = line.LastIndexOf('"');
        return line[(line.LastIndexOf('"', end - 1) + 1)..end];
    }

    private static string Line(params string[] words) => WindowsStart.CommandLineOf([.. OwnProgram.Find(), .. words]).TrimEnd('\0');
}
