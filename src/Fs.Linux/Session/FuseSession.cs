using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>
/// A mounted drive: reads the kernel's requests on threads of its own and answers them from an <see cref="IFileSystem"/>.
/// The process must never touch the mount point itself while it is mounted.
/// </summary>
public sealed partial class FuseSession : IAsyncDisposable
{
    /// <summary>Bytes of stack of each thread; handlers call a shallow core.</summary>
    internal const int ThreadStack = 512 * 1024;

    /// <summary>Free request buffers that are kept (1 MiB each, touched only as far as used).</summary>
    private const int RetainedRequests = 16;

    private readonly IMounter _mounter;
    private readonly FuseDevice _device;
    private readonly RequestPool _requests;
    private readonly LinuxFileSystem _adapter;
    private readonly KernelNotifier _notifier;
    private readonly ILogger _logger;
    private readonly string _deviceId;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _readers;
    private FuseException? _failure;

    private FuseSession(
        string mountPoint, IMounter mounter, FuseDevice device, RequestPool requests, IFileSystem fs, FuseMountOptions options, ILogger logger)
    {
        MountPoint = mountPoint;
        _mounter = mounter;
        _device = device;
        _requests = requests;
        _logger = logger;
        _deviceId = LinuxMounts.TryFind(mountPoint, out var mount) ? mount.Device : "";
        _adapter = new LinuxFileSystem(fs, requests, new LinuxFileSystemSettings(options.NegativeCache, options.DirectWrites), logger, options.Time);
        _notifier = new KernelNotifier(device, fs, options.MaxInvalidations, logger);
        _readers = options.Threads;
    }

    /// <summary>Where the drive is, without symbolic links.</summary>
    public string MountPoint { get; }

    /// <summary>Ends when the drive is unmounted, by whomever, and its last user has left; all files are released then. Fails
    /// with <see cref="FuseException"/> when the device broke.</summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// Mounts. First removes dead mounts of the same type that a killed process left at the mount point: the caller holds the
    /// lock that tells no live process is meant to serve it.
    /// </summary>
    /// <param name="mountPoint">An empty directory, not inside another mount of this process.</param>
    /// <param name="fs">Answers.</param>
    /// <param name="options">How.</param>
    /// <param name="logger">Takes faults of handlers.</param>
    /// <exception cref="FuseException">It cannot be mounted; the message says what helps.</exception>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public static FuseSession Mount(string mountPoint, IFileSystem fs, FuseMountOptions options, ILogger logger)
    {
        if (options.Validate() is { Count: > 0 } mistakes) throw new ArgumentException(string.Join(' ', mistakes), nameof(options));
        var mounter = Mounters.Choose();
        var path = Session.MountPoint.Prepare(mountPoint, options, mounter, logger);
        var device = new FuseDevice(mounter.Mount(path, options), logger);
        FuseSession? session = null;
        try
        {
            var requests = new RequestPool(device, options.MaxPending + options.Threads, RetainedRequests);
            var agreed = Negotiate(device, requests, options);
            session = new FuseSession(path, mounter, device, requests, fs, options, logger);
            session.LogMounted(path, FuseProtocol.Major, agreed.Minor, agreed.Flags);
            session.StartReaders(options.Threads);
            return session;
        }
        catch
        {
            session?._notifier.Dispose();
            mounter.Unmount(path, lazy: true);
            device.Dispose();
            throw;
        }
    }

    /// <summary>Unmounts, or says why not.</summary>
    /// <param name="lazyIfBusy">When files are open, take the drive out of the tree all the same; <see cref="Completion"/> then
    /// ends when the last of them is closed.</param>
    /// <param name="cancellation">Stops waiting for the end of the session; the unmount itself is not undone.</param>
    /// <exception cref="FuseException">It cannot be unmounted, for another reason than open files.</exception>
    public async ValueTask<UnmountResult> UnmountAsync(bool lazyIfBusy, CancellationToken cancellation = default)
    {
        // A thread of its own: the kernel asks us things while we wait for it.
        var result = await Task.Factory.StartNew(
            () => Unmount(lazyIfBusy), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (result == UnmountResult.Unmounted) await Completion.WaitAsync(cancellation);
        return result;
    }

    /// <summary>Unmounts, detaching if files are open, and returns when no call on the file system is under way and every file is
    /// released. Programs that still have files open get ENOTCONN from then on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Completion.IsCompleted) return;
        if (await UnmountAsync(lazyIfBusy: true) == UnmountResult.Unmounted) return;
        await _adapter.CloseAsync();
        _notifier.Dispose();
    }

    private static InitResult Negotiate(FuseDevice device, RequestPool requests, FuseMountOptions options)
    {
        var request = requests.Rent();
        try
        {
            while (true)
            {
                var error = device.Receive(request.Buffer, out var length);
                if (error is Errno.EINTR or Errno.EAGAIN or Errno.ENOENT) continue;
                if (error != Errno.None) throw new FuseException(FuseFailure.Other, $"The kernel sent no INIT: {error}.", "");
                request.Begin(length);
                if (InitNegotiation.Answer(request, options.MaxBackground) is { } agreed) return agreed;
            }
        }
        finally
        {
            request.End();
            requests.Return(request);
        }
    }

    private UnmountResult Unmount(bool lazyIfBusy)
    {
        // Only what we mounted: meanwhile it may be gone and something else be there.
        if (!LinuxMounts.TryFind(MountPoint, out var mount) || mount.Device != _deviceId) return UnmountResult.NotMounted;
        var result = _mounter.Unmount(MountPoint, lazy: false);
        if (result != UnmountResult.Busy || !lazyIfBusy) return result;
        LogBusy(MountPoint);
        return _mounter.Unmount(MountPoint, lazy: true);
    }
}
