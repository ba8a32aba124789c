using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Agent.Hosting;

/// <summary>Where an agent keeps what it must not lose, and where live mounts are registered.</summary>
internal static class StateFolder
{
    /// <summary>Folder in the state folder with the checkpoints of files that are sent without a drive.</summary>
    public const string Checkpoints = "checkpoints";

    /// <summary>The per-user default: <c>$XDG_STATE_HOME/syncagent</c>, else <c>~/.local/state/syncagent</c>.</summary>
    public static string Default(Func<string, string?> environment)
    {
        // The XDG specification: relative paths in these variables are to be ignored.
        if (environment("XDG_STATE_HOME") is { } state && Path.IsPathFullyQualified(state)) return Path.Combine(state, "syncagent");
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "SyncAgent");
        var home = environment("HOME") is { Length: > 0 } set ? set : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(home, ".local", "state", "syncagent");
    }

    /// <summary>Makes a state folder, or makes this user's own private; before anything is made in it, its log included.</summary>
    /// <exception cref="Cli.CommandException">It is somebody else's, or inside a drive.</exception>
    public static void Create(string path)
    {
        StateDisk.RefuseOwnDrive(path);
        OwnFolder.Create(path);
    }

    /// <summary>Folder of the registry of live mounts: it goes with the session, as the mounts do.</summary>
    public static string Runtime(Func<string, string?> environment)
    {
        if (environment("XDG_RUNTIME_DIR") is { } runtime && Path.IsPathFullyQualified(runtime) && Directory.Exists(runtime))
            return Path.Combine(runtime, "syncagent");
        if (OperatingSystem.IsLinux())
        {
            var user = NativeMethods.EffectiveUserId();
            if (user == 0 && Directory.Exists("/run")) return "/run/syncagent";
            var folder = $"/run/user/{user}";
            if (Directory.Exists(folder)) return Path.Combine(folder, "syncagent");
        }

        return Path.Combine(Default(environment), "run");
    }

    /// <summary>A short name for a path: the first 128 bits of its SHA-256, in hex.</summary>
    public static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 16));
}
