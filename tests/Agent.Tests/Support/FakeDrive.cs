using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Repair;
using SyncAgent.Agent.Status;
using SyncAgent.Fs.Core;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>A drive without a kernel: a row, and whatever a test says about it.</summary>
internal sealed class FakeDrive(DriveRow row, JournalStore journal) : ILiveDrive
{
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HashSet<long> BeingWritten { get; } = [];

    public List<ActiveFile> Sending { get; } = [];

    public bool Disposed { get; private set; }

    public int Wakes { get; private set; }

    public DriveRow Row => row;

    public bool ReadOnly => false;

    public string? SpaceProblem => null;

    public Task Unmounted => Ended.Task;

    public StoreHealth Health { get; set; } = new("ok", null, null);

    public IReadOnlyList<ActiveFile> Active => [.. Sending];

    /// <summary>Happens before it is told who writes.</summary>
    public Action Asked { get; set; } = static () => { };

    public bool IsBeingWritten(NodeRow row)
    {
        Asked();
        return BeingWritten.Contains(row.Id);
    }

    public StoreTraffic Traffic { get; set; } = new(TimeProvider.System);

    public LocalSpace Space => new(0, 1 << 30, 1 << 20);

    public CacheReads CacheReads { get; set; }

    public List<(long Node, bool Cancel)> Holds { get; } = [];

    public List<long> Releases { get; } = [];

    public void Hold(IReadOnlyList<long> nodes) => Holds.AddRange(nodes.Select(node => (node, false)));

    public void Cancel(long node) => Holds.Add((node, true));

    public void Release(IReadOnlyList<long> nodes) => Releases.AddRange(nodes);

    public bool IsPaused { get; private set; }

    public void SetPaused(bool paused) => IsPaused = paused;

    public int Confirmed { get; private set; }

    public void ConfirmDeletes() => Confirmed++;

    public long RestoreDeletes() => 3;

    public void Wake() => Wakes++;

    public List<(string Path, bool Recursive)> Refreshes { get; } = [];

    public HiddenReport Hidden { get; set; } = new(0, []);

    public Task<FsResult<int>> RefreshAsync(string path, bool recursive, CancellationToken cancellationToken)
    {
        Refreshes.Add((path, recursive));
        return Task.FromResult<FsResult<int>>(path == "gone" ? FsError.NotFound : 3);
    }

    public List<(string Path, bool Accept)> Settled { get; } = [];

    public Task<FsResult<Nothing>> SettleInterruptedAsync(string path, bool accept, CancellationToken cancellationToken)
    {
        if (path == "closed") return Task.FromResult<FsResult<Nothing>>(new FsError(FsErrorKind.InvalidArgument, "it is neither interrupted nor incomplete"));
        Settled.Add((path, accept));
        return Task.FromResult<FsResult<Nothing>>(default(Nothing));
    }

    public List<PinReport> Pinned { get; } = [];

    public Task<FsResult<Nothing>> PinAsync(string path, CancellationToken cancellationToken)
    {
        if (path == "gone") return Task.FromResult<FsResult<Nothing>>(FsError.NotFound);
        Pinned.Add(new PinReport(path, 2, 2048, 1024, null) { Complete = false });
        return Task.FromResult<FsResult<Nothing>>(default(Nothing));
    }

    public FsResult<Nothing> Unpin(string path) => Pinned.RemoveAll(pin => pin.Path == path) > 0 ? default(Nothing) : FsError.NotFound;

    public IReadOnlyList<PinReport> ReadPins() => Pinned;

    public HiddenReport ReadHidden() => Hidden;

    /// <summary>Its bucket; only <see cref="Verification"/> looks into it.</summary>
    public FakeObjectStore Bucket { get; } = new(TimeProvider.System);

    public DriveVerification Verification => field ??= new DriveVerification(Bucket, journal, row, TimeProvider.System, NullLogger.Instance);

    /// <summary>What programs have open for writing; closed by <see cref="CloseAll"/>.</summary>
    public List<long> Written { get; } = [];

    public bool RefusesWriters { get; private set; }

    /// <summary>What <see cref="AnswersAsync"/> gives.</summary>
    public Task Answer { get; set; } = Task.CompletedTask;

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int OpenForWriting => Written.Count;

    public void CloseAll()
    {
        Written.Clear();
        _closed.TrySetResult();
    }

    public async Task<IReadOnlyList<long>> LetWritersFinishAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        RefusesWriters = true;
        if (Written.Count > 0 && atMost > TimeSpan.Zero) await _closed.Task.WaitAsync(cancellationToken);
        return [.. Written];
    }

    public void AdmitWriters() => RefusesWriters = false;

    public Task AnswersAsync() => Answer;

    public Task<bool> UnmountAsync(CancellationToken cancellationToken)
    {
        Ended.TrySetResult();
        return Task.FromResult(false);
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return Verification.DisposeAsync();
    }
}

/// <summary>Opens fake drives and keeps them.</summary>
internal sealed class FakeOpener(JournalStore journal) : IDriveOpener
{
    public List<FakeDrive> Opened { get; } = [];

    public List<DriveOrder> Orders { get; } = [];

    /// <summary>Why no drive can be mounted, or null.</summary>
    public Exception? Failure { get; set; }

    public Task<ILiveDrive> OpenAsync(DriveOrder order, CancellationToken cancellationToken)
    {
        if (Failure is not null) return Task.FromException<ILiveDrive>(Failure);
        Orders.Add(order);
        Opened.Add(new FakeDrive(order.Row, journal));
        return Task.FromResult<ILiveDrive>(Opened[^1]);
    }
}
