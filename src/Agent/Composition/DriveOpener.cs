using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Monitoring;
using SyncAgent.Agent.Repair;
using SyncAgent.Fs.Core;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Composition;

/// <summary>Mounts drives: what they share is made once here, what is theirs is made per drive.</summary>
internal sealed class DriveOpener(
    JournalStore journal, CacheStore cache, GroupCommitter groups, StoreMetrics metrics, TimeProvider time, ILoggerFactory loggers) : IDriveOpener
{
    /// <summary>All drives together hold at most so many bytes and requests in flight.</summary>
    private const long MaxBytesInFlight = 256L << 20;

    private const int MaxPartsInFlight = 32;

    /// <summary>Half of what OSS takes of metadata; the rest is for the drive's own and for what rules add.</summary>
    private const int OssExtendedAttributeBytes = 4096;

    private readonly PartBudget _budget = new(MaxBytesInFlight, MaxPartsInFlight);

    /// <inheritdoc/>
    public async Task<ILiveDrive> OpenAsync(DriveOrder order, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsLinux()) FuseMounting.Prepare(order.Settings.MountPoint);
        var options = order.Engine.ToTransferOptions();
        var link = new TransferLink(options.ParallelParts);
        var access = new StoreAccess(
            order.Settings.Target, order.Credentials, time, link.Failed, order.Bandwidth, order.Settings.Engine.Bandwidth, loggers,
            metrics, new(AgentMetrics.Drive, order.Row.MountPoint));
        CoreFileSystem? core = null;
        TransferEngine? engine = null;
        IMounting? mounting = null;
        try
        {
            core = CoreFileSystem.Open(
                journal, cache, groups, order.Row, access.Store, CoreOptionsOf(order, access.Store.Capabilities), time, loggers.CreateLogger("drive"));
            engine = new TransferEngine(
                journal, order.Row, access.Store, _budget, options, time, loggers.CreateLogger<TransferEngine>(), link)
            {
                IsBeingWritten = core.IsBeingWritten,
                ObjectOptionsFor = new ObjectRules(order.Settings.Objects, ObjectFlags.ContentTypeOf).OptionsFor,
            };
            var sender = engine;
            core.IsPaused = () => sender.IsPaused;
            core.Sending = node => sender.Active.FirstOrDefault(file => file.Node == node) is { } file ? new SendingProgress(file.Transferred, file.Total) : null;
            core.UrlOf = order.Settings.Target.ToUrls();
            mounting = OperatingSystem.IsWindows()
                ? WinFspMounting.Mount(order, core, time, loggers.CreateLogger("winfsp"))
                : FuseMounting.Mount(order, core, loggers.CreateLogger("fuse"));
            engine.Start();
            core.Prefetch();
            var verification = new DriveVerification(access.Store, journal, order.Row, time, loggers.CreateLogger("verify"));
            return new DriveHost(order, access, core, engine, mounting, verification);
        }
        catch
        {
            // As in DriveHost: from the outside in. A mount that nobody serves would hang all who look into it.
            if (mounting is not null) await mounting.DisposeAsync();
            if (core is not null) await core.DisposeAsync();
            if (engine is not null) await engine.DisposeAsync();
            access.Dispose();
            throw;
        }
    }

    private static CoreOptions CoreOptionsOf(DriveOrder order, StoreCapabilities store)
    {
        var defaults = new CoreOptions();
        return defaults with
        {
            ReadOnly = order.Settings.ReadOnly,
            Debounce = order.Engine.Debounce ?? defaults.Debounce,
            CacheLimit = order.Engine.CacheSize ?? defaults.CacheLimit,
            ReadCacheLimit = order.Engine.ReadCacheSize ?? defaults.ReadCacheLimit,
            ReadTimeout = order.Engine.ReadTimeout ?? defaults.ReadTimeout,
            StagingReserve = order.Engine.StagingReserve,
            NodesInMemory = order.Engine.NodesInMemory ?? defaults.NodesInMemory,
            LearnPerSecond = order.Engine.LearnPerSecond ?? defaults.LearnPerSecond,
            Ignore = order.Settings.Ignore ?? defaults.Ignore,
            MaxFileSize = store.MaxObjectSize,
            MaxExtendedAttributeBytes = order.Settings.Target.Store == TargetSettings.Oss ? OssExtendedAttributeBytes : defaults.MaxExtendedAttributeBytes,
            StoreOwners = order.Settings.StoreOwners ?? (OperatingSystem.IsLinux() && Hosting.NativeMethods.EffectiveUserId() == 0),
            Uid = OperatingSystem.IsLinux() ? Hosting.NativeMethods.EffectiveUserId() : 0,
            Gid = OperatingSystem.IsLinux() ? Hosting.NativeMethods.EffectiveGroupId() : 0,
        };
    }
}
