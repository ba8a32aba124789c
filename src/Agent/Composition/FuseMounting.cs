using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux;

namespace SyncAgent.Agent.Composition;

/// <summary>A drive mounted by FUSE.</summary>
internal sealed class FuseMounting : IMounting
{
    private readonly FuseSession _session;

    private FuseMounting(FuseSession session) => _session = session;

    /// <inheritdoc/>
    public Task Completion => _session.Completion;

    /// <summary>Mounts.</summary>
    /// <exception cref="FuseException">It cannot be; the message says why.</exception>
    public static FuseMounting Mount(DriveOrder order, IFileSystem core, ILogger logger) => new(FuseSession.Mount(
        order.Settings.MountPoint, core, new FuseMountOptions { ReadOnly = order.Settings.ReadOnly, AllowOther = order.Settings.AllowOther }, logger));

    /// <summary>Makes the folder. A mount that a killed agent left says "not connected" to everything: it is FuseSession's to replace.</summary>
    public static void Prepare(string mountPoint)
    {
        if (!LinuxMounts.TryFind(mountPoint, out _)) Directory.CreateDirectory(mountPoint);
    }

    /// <inheritdoc/>
    public async Task<bool> UnmountAsync(CancellationToken cancellationToken) =>
        await _session.UnmountAsync(lazyIfBusy: true, cancellationToken) == UnmountResult.Detached;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
