using System.Text;
using SyncAgent.Agent.Cli;
using SyncAgent.Fs.Linux;

namespace SyncAgent.Agent.Hosting;

/// <summary>What kind of disk a state folder is on: one that forgets, or that another machine serves, is no place for files that nobody
/// else has.</summary>
internal static unsafe class StateDisk
{
    private const int LongestPath = 4096;

    /// <summary>struct statfs takes 120 bytes on 64-bit machines.</summary>
    private const int StatFsSize = 256;

    /// <summary>Why closed files may not survive there what they should survive, with what to do; null for a local disk.</summary>
    public static string? Warning(string stateFolder) =>
        OperatingSystem.IsLinux() && TypeOf(stateFolder) is { } type && Warning(stateFolder, type) is { } warning ? warning : null;

    /// <summary>The same for a file system of a type, as statfs(2) names it.</summary>
    public static string? Warning(string stateFolder, uint type) => type switch
    {
        0x01021994 or 0x858458f6 => Memory(stateFolder),
        0x6969 => Remote(stateFolder, "NFS"),
        0x517B or 0xFF534D42 or 0xFE534D42 => Remote(stateFolder, "SMB/CIFS"),
        0x65735546 => Remote(stateFolder, "FUSE (sshfs, another cloud drive)"),
        0x01021997 => Remote(stateFolder, "9P, a folder that a virtual machine's host shares"),
        0x00C36400 => Remote(stateFolder, "Ceph"),
        0x5346414F or 0x6B414653 => Remote(stateFolder, "AFS"),
        _ => null,
    };

    /// <summary>Refuses a state folder inside a drive of ours: what is to be sent would be written into what is being sent.</summary>
    /// <exception cref="CommandException">It is.</exception>
    public static void RefuseOwnDrive(string stateFolder)
    {
        if (!OperatingSystem.IsLinux()) return;
        for (var path = Resolved(stateFolder); path is not null; path = Path.GetDirectoryName(path))
        {
            if (!LinuxMounts.TryFind(path, out var mount) || mount.FileSystemType != DeadMount.OurType) continue;
            throw new CommandException(
                ExitCodes.Configuration,
                $"the state folder {stateFolder} is inside the drive at {path}. Give one on a local disk with --state, or \"state\" in the configuration.");
        }
    }

    private static string Memory(string folder) =>
        $"the state folder {folder} is in memory (tmpfs): a reboot loses every file that is not sent yet. Give one on a local disk with --state.";

    private static string Remote(string folder, string what) =>
        $"the state folder {folder} is on a file system that is not a local disk ({what}): whether closed files survive a power cut there is up to it, " +
        "and its locks may not keep a second agent away. Give one on a local disk with --state.";

    private static uint? TypeOf(string path)
    {
        var buffer = stackalloc byte[StatFsSize];
        return NativeMethods.StatFs(path, buffer) == 0 ? (uint)*(long*)buffer : null; // f_type comes first
    }

    // What does not exist yet is where its nearest folder is.
    private static string Resolved(string path)
    {
        var buffer = stackalloc byte[LongestPath];
        for (var at = path; at is not null; at = Path.GetDirectoryName(at))
        {
            if (NativeMethods.RealPath(at, buffer) == null) continue;
            var length = new ReadOnlySpan<byte>(buffer, LongestPath).IndexOf((byte)0);
            return Encoding.UTF8.GetString(buffer, length);
        }

        return path;
    }
}
