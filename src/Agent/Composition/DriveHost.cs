using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Repair;
using SyncAgent.Agent.Status;
using SyncAgent.Fs.Core;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Composition;

/// <summary>One mounted drive: the store chain, the file system over it, the engine beside it, and the system's side in front.</summary>
internal sealed class DriveHost(
    DriveOrder order, StoreAccess access, CoreFileSystem core, TransferEngine engine, IMounting mounting, DriveVerification verification) : ILiveDrive
{
    private readonly MountProbe _probe = new(order.Row.MountPoint);
    private bool _disposed;

    /// <inheritdoc/>
    public DriveRow Row => order.Row;

    /// <inheritdoc/>
    public bool ReadOnly => order.Settings.ReadOnly;

    /// <inheritdoc/>
    public string? SpaceProblem => core.SpaceProblem;

    /// <inheritdoc/>
    public Task Unmounted => mounting.Completion;

    /// <inheritdoc/>
    public Status.StoreHealth Health => engine.IsPaused
        ? new Status.StoreHealth("paused", null, null)
        : engine.Health is var health && health is { Online: true, IsRefused: false }
        ? new Status.StoreHealth("ok", health.Since, null)
        : new Status.StoreHealth(health.IsRefused ? "refused" : "offline", health.Since, health.Error);

    /// <inheritdoc/>
    public IReadOnlyList<ActiveFile> Active =>
        [.. engine.Active.Select(file => new ActiveFile(file.Node, file.Key, file.Transferred, file.Total)
        {
            BytesPerSecond = file.BytesPerSecond,
            Started = file.Started,
        })];

    /// <inheritdoc/>
    public StoreTraffic Traffic => access.Traffic;

    /// <inheritdoc/>
    public LocalSpace Space => core.Space;

    /// <inheritdoc/>
    public CacheReads CacheReads => core.CacheReads;

    /// <inheritdoc/>
    public bool IsBeingWritten(NodeRow row) => core.IsBeingWritten(row);

    /// <inheritdoc/>
    public bool IsPaused => engine.IsPaused;

    /// <inheritdoc/>
    public void SetPaused(bool paused)
    {
        if (paused) engine.Pause();
        else engine.Resume();
    }

    /// <inheritdoc/>
    public void Hold(IReadOnlyList<long> nodes) => engine.Hold(nodes);

    /// <inheritdoc/>
    public void Cancel(long node) => engine.Cancel(node);

    /// <inheritdoc/>
    public void Release(IReadOnlyList<long> nodes) => engine.Release(nodes);

    /// <inheritdoc/>
    public void ConfirmDeletes() => engine.ConfirmDeletes();

    /// <inheritdoc/>
    public long RestoreDeletes()
    {
        var keys = engine.RestoreDeletes();
        core.Reappear(keys);
        return keys.Count;
    }

    /// <inheritdoc/>
    public void Wake() => engine.Wake();

    /// <inheritdoc/>
    public Task<FsResult<Nothing>> PinAsync(string path, CancellationToken cancellationToken) => core.PinAsync(path, cancellationToken);

    /// <inheritdoc/>
    public FsResult<Nothing> Unpin(string path) => core.Unpin(path);

    /// <inheritdoc/>
    public IReadOnlyList<PinReport> ReadPins() => core.ReadPins();

    /// <inheritdoc/>
    public Task<FsResult<Nothing>> SettleInterruptedAsync(string path, bool accept, CancellationToken cancellationToken) =>
        core.SettleInterruptedAsync(path, accept, cancellationToken);

    /// <inheritdoc/>
    public Task<FsResult<int>> RefreshAsync(string path, bool recursive, CancellationToken cancellationToken) =>
        core.RefreshAsync(path, recursive, cancellationToken);

    /// <inheritdoc/>
    public DriveVerification Verification => verification;

    /// <inheritdoc/>
    public HiddenReport ReadHidden() => core.ReadHidden();

    /// <inheritdoc/>
    public int OpenForWriting => core.Written.Count;

    /// <inheritdoc/>
    public Task<IReadOnlyList<long>> LetWritersFinishAsync(TimeSpan atMost, CancellationToken cancellationToken) =>
        core.LetWritersFinishAsync(atMost, cancellationToken);

    /// <inheritdoc/>
    public void AdmitWriters() => core.AdmitWriters();

    /// <inheritdoc/>
    public Task AnswersAsync() => Task.WhenAll(_probe.AnswersAsync(), engine.AnswersAsync());

    /// <inheritdoc/>
    public async Task<bool> UnmountAsync(CancellationToken cancellationToken)
    {
        await _probe.EndAsync();
        return await mounting.UnmountAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        // From the outside in: nobody asks the core any more, then nobody writes to the journal, then nobody calls the store.
        await mounting.DisposeAsync();
        await verification.DisposeAsync();
        await core.DisposeAsync();
        await engine.DisposeAsync();
        access.Dispose();
    }
}
