using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Torture.Power;

/// <summary>
/// An ext4 on a block device whose writes and flushes are logged: an image behind QEMU's <c>blklogwrites</c>, exported as a file through
/// FUSE, under a loop device. Everything is in one folder.
/// </summary>
internal sealed class LoggedDisk : IAsyncDisposable
{
    private const string Daemon = "/usr/bin/qemu-storage-daemon";
    private const long Size = 1L << 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly Process _daemon;
    private readonly LoopDevice _device;
    private readonly SafeFileHandle _log;
    private bool _mounted = true;

    private LoggedDisk(string folder, Process daemon, LoopDevice device)
    {
        _folder = folder;
        _daemon = daemon;
        _device = device;
        _log = File.OpenHandle(LogPath, share: FileShare.ReadWrite);
    }

    /// <summary>Where it is mounted.</summary>
    public string Mount => Path.Combine(_folder, "disk");

    /// <summary>The log.</summary>
    public string LogPath => LogOf(_folder);

    /// <summary>What the device held in the beginning.</summary>
    public string StartImage => Path.Combine(_folder, "start.img");

    /// <summary>What it holds.</summary>
    public string Image => ImageOf(_folder);

    /// <summary>Bytes in the log now. What was acknowledged before this was read is in every image cut here or later.</summary>
    public long Position => RandomAccess.GetLength(_log);

    /// <summary>What is missing for such disks here, or null.</summary>
    public static string? WhyNot()
    {
        if (!File.Exists(Daemon)) return "the package qemu-system-common is not installed";
        return LoopDevice.WhyNot();
    }

    /// <summary>Makes a disk in an empty folder, which should be in memory.</summary>
    public static async Task<LoggedDisk> MakeAsync(string folder)
    {
        using (var image = File.Create(ImageOf(folder))) image.SetLength(Size);
        await RunAsync("mkfs.ext4", "-qF", "-m", "0", "-N", "8192", "-J", "size=8", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", ImageOf(folder));
        await RunAsync("cp", "--sparse=always", ImageOf(folder), Path.Combine(folder, "start.img"));
        await File.Create(LogOf(folder)).DisposeAsync();
        var export = Path.Combine(folder, "export");
        await File.Create(export).DisposeAsync();
        var daemon = Process.Start(new ProcessStartInfo(Daemon)
        {
            ArgumentList =
            {
                "--blockdev", $"driver=file,filename={ImageOf(folder)},node-name=image",
                "--blockdev", $"driver=file,filename={LogOf(folder)},node-name=log",
                "--blockdev", "driver=raw,file=image,node-name=raw",
                "--blockdev", "driver=blklogwrites,node-name=logged,file=raw,log=log,log-super-update-interval=1",
                "--export", $"type=fuse,id=export,node-name=logged,mountpoint={export},writable=on",
            },
        })!;
        try
        {
            // The empty file becomes the device once the daemon has mounted itself over it.
            var begun = Stopwatch.GetTimestamp();
            while (new FileInfo(export).Length != Size)
            {
                if (daemon.HasExited || Stopwatch.GetElapsedTime(begun) > Patience) throw new IOException("qemu-storage-daemon exports nothing through FUSE here.");
                await Task.Delay(TimeSpan.FromMilliseconds(10));
            }

            var disk = new LoggedDisk(folder, daemon, LoopDevice.Attach(export));
            Directory.CreateDirectory(disk.Mount);
            Kernel.MountExt4(disk._device.Path, disk.Mount, barriers: true);
            return disk;
        }
        catch
        {
            await EndAsync(daemon);
            throw;
        }
    }

    /// <summary>Unmounts and ends everything; what was logged stays.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_mounted) return;
        _mounted = false;
        Kernel.Unmount(Mount);
        _device.Dispose();
        _log.Dispose();
        await EndAsync(_daemon);
    }

    private static string ImageOf(string folder) => Path.Combine(folder, "disk.img");

    private static string LogOf(string folder) => Path.Combine(folder, "disk.log");

    // Asked to end, so that its mount goes with it.
    private static async Task EndAsync(Process daemon)
    {
        if (!daemon.HasExited) await RunAsync("kill", $"{daemon.Id}");
        await daemon.WaitForExitAsync().WaitAsync(Patience);
        daemon.Dispose();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new IOException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}
