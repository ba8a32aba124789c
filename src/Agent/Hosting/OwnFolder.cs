using System.Runtime.Versioning;
using SyncAgent.Agent.Cli;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Hosting;

/// <summary>
/// Folders that hold what is trusted later (keys of the API, which agent serves a mount): private, and made by this user. In a place where
/// others may write, such as /tmp, somebody else may have made the folder, or a link in its place, before.
/// </summary>
internal static class OwnFolder
{
    /// <summary>Creates a folder, or makes this user's own private.</summary>
    /// <exception cref="CommandException">It is somebody else's.</exception>
    public static void Create(string path)
    {
        Check(path);
        PrivateFolder.Create(path);
        // It may have been made by somebody else in between.
        Check(path);
    }

    /// <summary>Refuses a folder that is somebody else's, or a link that somebody else made; one that is not there is fine.</summary>
    /// <exception cref="CommandException">It is; the message says what to do.</exception>
    public static void Check(string path)
    {
        if (OperatingSystem.IsLinux() && ForeignOwner(path, NativeMethods.EffectiveUserId()) is { } owner)
        {
            throw new CommandException(
                ExitCodes.NeedsUser,
                $"{path} belongs to another user (id {owner}), who could put anything into it: run the command as that user, or name another folder (--state, XDG_RUNTIME_DIR).");
        }
    }

    // Links of root are the machine's own (/var/run, say).
    [SupportedOSPlatform("linux")]
    private static uint? ForeignOwner(string path, uint me)
    {
        try
        {
            var file = LinuxFileStatus.Read(path, followLink: false);
            if (file.IsSymbolicLink)
            {
                if (file.Owner != me && file.Owner != 0) return file.Owner;
                file = LinuxFileStatus.Read(path);
            }

            return file.Owner == me ? null : file.Owner;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
