using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Linux.Interop;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>Makes a directory ready to be mounted on.</summary>
internal static partial class MountPoint
{
    /// <summary>Dead mounts can be stacked; more than this is not an accident.</summary>
    private const int MostStaleMounts = 32;

    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DyingPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DyingPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Removes dead mounts of ours at the path and checks the directory under them. The caller holds the lock of the
    /// state folder, so that no live agent of the same drive is met here.</summary>
    /// <returns>The path without symbolic links.</returns>
    /// <exception cref="FuseException">A live mount is there, or the directory will not do.</exception>
    public static string Prepare(string path, FuseMountOptions options, IMounter mounter, ILogger logger)
    {
        var mountPoint = Resolve(path);
        for (var i = 0; i < MostStaleMounts && LinuxMounts.TryFind(mountPoint, out var mount); i++)
        {
            if (mount.FileSystemType != options.FileSystemType) break;
            if (!IsDeadOrDying(mountPoint)) throw AlreadyMounted(mountPoint, mount);
            LogStaleMount(logger, mountPoint, mount.Id);
            mounter.Unmount(mountPoint, lazy: true);
        }

        CheckDirectory(mountPoint, options.AllowNonEmpty);
        return mountPoint;
    }

    /// <summary>Resolves symbolic links without touching a mount at the last component, which may be dead.</summary>
    internal static string Resolve(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (full == "/") return full;
        var parent = RealPath(Path.GetDirectoryName(full)!);
        var plain = Path.Join(parent, Path.GetFileName(full));
        return LinuxMounts.TryFind(plain, out _) ? plain : RealPath(plain);
    }

    /// <summary>Whether a mount is dead, or is within a moment: the kernel closes a killed agent's files one after another, so that
    /// the lock of its state folder may be free before its drive is dead.</summary>
    private static bool IsDeadOrDying(string mountPoint)
    {
        var begun = Stopwatch.GetTimestamp();
        using var pause = new ManualResetEventSlim();
        while (!IsDead(mountPoint))
        {
            if (Stopwatch.GetElapsedTime(begun) > DyingPatience) return false;
            pause.Wait(DyingPause);
        }

        return true;
    }

    /// <summary>Whether the process that served a mount is gone: the kernel then answers every request with ENOTCONN (or
    /// ECONNABORTED), though not what it can tell from its cache. One that does not answer in time is alive.</summary>
    private static unsafe bool IsDead(string mountPoint)
    {
        var error = Errno.None;
        var probe = new Thread(() =>
        {
            var numbers = stackalloc byte[Libc.StatFsSize];
            if (Libc.StatFs(mountPoint, numbers) != 0) error = (Errno)Marshal.GetLastPInvokeError();
        })
        { IsBackground = true, Name = "fuse-probe" };
        probe.Start();
        return probe.Join(ProbePatience) && error is Errno.ENOTCONN or Errno.ECONNABORTED;
    }

    private static void CheckDirectory(string mountPoint, bool allowNonEmpty)
    {
        if (!Directory.Exists(mountPoint))
        {
            throw new FuseException(
                FuseFailure.NotDirectory,
                $"{mountPoint} {(File.Exists(mountPoint) ? "is not a directory" : "does not exist")}.",
                "Choose an empty directory.");
        }

        try
        {
            if (allowNonEmpty || !Directory.EnumerateFileSystemEntries(mountPoint).Any()) return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FuseException(FuseFailure.NotPermitted, $"{mountPoint} cannot be read.", "Choose a directory of your own.", e);
        }

        throw new FuseException(
            FuseFailure.NotEmpty, $"{mountPoint} is not empty.", "Choose an empty directory, or move its files away: the drive would hide them.");
    }

    private static FuseException AlreadyMounted(string mountPoint, LinuxMount mount) => new(
        FuseFailure.AlreadyMounted,
        $"A live drive ({mount.Source}) is mounted at {mountPoint}.",
        "Unmount it first, or choose another directory.");

    private static unsafe string RealPath(string path)
    {
        var resolved = stackalloc byte[4096];
        if (Libc.RealPath(path, resolved) is not null) return Marshal.PtrToStringUTF8((nint)resolved)!;
        throw new FuseException(
            FuseFailure.NotDirectory, $"{path} cannot be found: {Marshal.GetLastPInvokeErrorMessage()}.", "Choose an empty directory.");
    }

    [LoggerMessage(1110, LogLevel.Warning, "Mount {MountId} at {MountPoint} belongs to a process that is gone; it is detached.")]
    private static partial void LogStaleMount(ILogger logger, string mountPoint, int mountId);
}
