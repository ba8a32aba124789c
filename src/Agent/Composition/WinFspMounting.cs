using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Cli;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows;

namespace SyncAgent.Agent.Composition;

/// <summary>A drive mounted by WinFsp.</summary>
internal sealed class WinFspMounting : IMounting
{
    /// <summary>Everybody who has logged on to the machine.</summary>
    private const string AuthenticatedUsers = "S-1-5-11";

    private const int LongestLabel = 31;

    private readonly WindowsMount _mount;

    private WinFspMounting(WindowsMount mount) => _mount = mount;

    /// <inheritdoc/>
    public Task Completion => _mount.Completion;

    /// <summary>Mounts.</summary>
    /// <exception cref="CommandException">It cannot be; the message says what helps.</exception>
    [SupportedOSPlatform("windows")]
    public static WinFspMounting Mount(DriveOrder order, IFileSystem core, TimeProvider time, ILogger logger)
    {
        try
        {
            return new WinFspMounting(Start(order, core, time, logger));
        }
        catch (WindowsMountException e)
        {
            throw new CommandException(ExitCodes.NeedsUser, e.Message);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> UnmountAsync(CancellationToken cancellationToken)
    {
        var inUse = _mount.OpenFiles > 0;
        await _mount.StopAsync();
        return inUse;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _mount.DisposeAsync();

    [SupportedOSPlatform("windows")]
    private static WindowsMount Start(DriveOrder order, IFileSystem core, TimeProvider time, ILogger logger)
    {
        var dll = WinFspDll.Load();
        if (dll.Warning is { } warning) logger.LogWarning("{Warning}", warning);
        var bucket = order.Row.Bucket;
        return WindowsMount.Start(
            dll, core,
            new WindowsMountOptions
            {
                MountPoint = order.Settings.MountPoint,
                VolumeLabel = bucket.Length > LongestLabel ? bucket[..LongestLabel] : bucket,
                VolumeSerial = unchecked((uint)order.Row.Id),
                ReadOnly = order.Settings.ReadOnly,
                OtherSids = order.Settings.AllowOther ? [AuthenticatedUsers] : [],
                Time = time,
            },
            logger);
    }
}
