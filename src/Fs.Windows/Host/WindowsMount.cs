using System.Runtime.InteropServices;
using System.Security.Principal;
using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>
/// A mounted drive: WinFsp calls, on threads of its own, and is answered from an <see cref="IFileSystem"/>. The process must never touch the
/// mount point itself while it is mounted.
/// </summary>
public sealed partial class WindowsMount : IAsyncDisposable
{
    private const string Device = "WinFsp.Disk";

    private readonly FspApi _api;
    private readonly ILogger _logger;
    private readonly WindowsFileSystem _adapter;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly GCHandle _self;

    // WinFsp keeps pointers to both until the file system is deleted.
    private readonly unsafe VolumeParams* _volume;
    private readonly unsafe FspInterface* _callbacks;
    private unsafe FspFileSystem* _fileSystem;
    private Task? _stopped;

    private unsafe WindowsMount(FspApi api, IFileSystem fs, WindowsMountOptions options, byte[] security, ILogger logger)
    {
        _api = api;
        _logger = logger;
        _adapter = new WindowsFileSystem(fs, api, options, security, logger) { Stopped = StoppedFromOutside };
        _self = GCHandle.Alloc(_adapter);
        _volume = VolumeParameters.Allocate(options);
        _callbacks = (FspInterface*)NativeMemory.AllocZeroed((nuint)sizeof(FspInterface));
        Callbacks.Fill(_callbacks);
        MountPoint = "";
    }

    /// <summary>Where the drive is: "S:", or a folder.</summary>
    public string MountPoint { get; private set; }

    /// <summary>Ends when the drive is gone, by whomever, and all its files are released.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Files and folders that programs have open.</summary>
    public int OpenFiles => _adapter.OpenCount;

    /// <summary>Mounts.</summary>
    /// <param name="dll">WinFsp.</param>
    /// <param name="fs">Answers.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="logger">Takes faults.</param>
    /// <exception cref="WindowsMountException">It cannot be mounted; the message says what helps.</exception>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public static WindowsMount Start(WinFspDll dll, IFileSystem fs, WindowsMountOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(dll);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } mistakes) throw new ArgumentException(string.Join(' ', mistakes), nameof(options));
        var place = MountPoints.Normalize(options.MountPoint);
        var security = SecurityDescriptors.Build(options.OwnerSid ?? CurrentUser(), options.OtherSids);
        var mount = new WindowsMount(dll.Api, fs, options, security, logger);
        try
        {
            mount.Start(place, options.Threads == 0 ? 0 : (uint)options.EffectiveThreads);
        }
        catch
        {
            mount.Free();
            throw;
        }

        mount.LogMounted(mount.MountPoint, dll.Version);
        return mount;
    }

    /// <summary>Takes the drive away. Returns when no call is under way and every file is released; what programs still had open is kept as
    /// interrupted where it was not closed.</summary>
    public async ValueTask StopAsync()
    {
        Task stopped;
        lock (_lock) stopped = _stopped ??= EndAsync();
        await stopped;
    }

    /// <inheritdoc cref="StopAsync"/>
    public ValueTask DisposeAsync() => StopAsync();

    private static string CurrentUser()
    {
        if (!OperatingSystem.IsWindows()) return SecurityDescriptors.SystemSid;
        using var identity = WindowsIdentity.GetCurrent();
        return identity.User?.Value ?? SecurityDescriptors.SystemSid;
    }

    private unsafe void Start(string? place, uint threads)
    {
        fixed (char* device = Device, mountPoint = place)
        {
            Check(_api.Preflight(device, mountPoint), place);
            FspFileSystem* created;
            Check(_api.Create(device, _volume, _callbacks, &created), place);
            _fileSystem = created;
            created->UserContext = GCHandle.ToIntPtr(_self);
            _adapter.DriverSide = created;
            Check(_api.SetMountPoint(created, mountPoint), place);
            MountPoint = created->MountPoint is null ? place ?? "" : new string(created->MountPoint);
            Check(_api.StartDispatcher(created, threads), place);
        }
    }

    private async Task EndAsync()
    {
        // A thread of its own: stopping waits for the callbacks that run.
        await Task.Factory.StartNew(StopDispatcher, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await _adapter.CloseAsync();
        Free();
        _adapter.AbandonAll();
        LogUnmounted(MountPoint);
        _completion.TrySetResult();
    }

    private unsafe void StopDispatcher() => _api.StopDispatcher(_fileSystem);

    private void StoppedFromOutside(bool normally)
    {
        lock (_lock)
        {
            if (_stopped is not null) return;

            // Not on this thread, which the dispatcher waits for.
            _stopped = Task.Run(EndAsync);
        }

        LogStoppedFromOutside(MountPoint, normally);
    }

    private unsafe void Free()
    {
        if (_fileSystem is not null) _api.Delete(_fileSystem);
        _fileSystem = null;
        NativeMemory.Free(_volume);
        NativeMemory.Free(_callbacks);
        _self.Free();
    }

    private static void Check(int status, string? place)
    {
        if (status < 0) throw MountStatus.ToException(status, place);
    }

    [LoggerMessage(1220, LogLevel.Information, "Mounted at {MountPoint} by WinFsp {Version}.")]
    private partial void LogMounted(string mountPoint, Version version);

    [LoggerMessage(1221, LogLevel.Information, "{MountPoint} is unmounted.")]
    private partial void LogUnmounted(string mountPoint);

    [LoggerMessage(1222, LogLevel.Warning, "{MountPoint} was taken away from outside (normally: {Normally}).")]
    private partial void LogStoppedFromOutside(string mountPoint, bool normally);
}
