using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Repair;
using SyncAgent.Agent.Status;
using SyncAgent.Fs.Core;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Composition;

/// <summary>A mounted drive as the agent sees it. Disposing it unmounts and stops its transfers; what is pending stays pending.</summary>
internal interface ILiveDrive : IAsyncDisposable
{
    /// <summary>Its row in the journal.</summary>
    DriveRow Row { get; }

    /// <summary>Whether changes are refused.</summary>
    bool ReadOnly { get; }

    /// <summary>Why no data can be written for lack of space and what to do, or null.</summary>
    string? SpaceProblem { get; }

    /// <summary>Ends when the drive was unmounted from outside.</summary>
    Task Unmounted { get; }

    /// <summary>How its store is.</summary>
    StoreHealth Health { get; }

    /// <summary>What it is sending.</summary>
    IReadOnlyList<ActiveFile> Active { get; }

    /// <summary>Whether what a row names as open is being written, see <see cref="CoreFileSystem.IsBeingWritten(NodeRow)"/>.</summary>
    bool IsBeingWritten(NodeRow row);

    /// <summary>What crosses the network now, and what was asked of the store.</summary>
    StoreTraffic Traffic { get; }

    /// <summary>What is kept of what was read, and how much of the disk is left alone.</summary>
    LocalSpace Space { get; }

    /// <summary>How much of what was read of the bucket's content was here.</summary>
    CacheReads CacheReads { get; }

    /// <summary>Whether its transfers are held.</summary>
    bool IsPaused { get; }

    /// <summary>Holds its transfers, also over restarts, or lets them go on.</summary>
    void SetPaused(bool paused);

    /// <summary>Holds files and folders back one by one, also over restarts.</summary>
    void Hold(IReadOnlyList<long> nodes);

    /// <summary>The same with one file, and what was sent of it is given up.</summary>
    void Cancel(long node);

    /// <summary>Lets what was held back one by one go on.</summary>
    void Release(IReadOnlyList<long> nodes);

    /// <summary>Lets all that is removed now be deleted.</summary>
    void ConfirmDeletes();

    /// <summary>Takes removals back: what the bucket still holds shows in the drive again.</summary>
    /// <returns>How many objects.</returns>
    long RestoreDeletes();

    /// <summary>Lets the transfers look at the journal and try the store at once.</summary>
    void Wake();

    /// <summary>Keeps a path on this machine, see <see cref="CoreFileSystem.PinAsync"/>.</summary>
    Task<FsResult<Nothing>> PinAsync(string path, CancellationToken cancellationToken);

    /// <summary>Lets a pinned path go.</summary>
    FsResult<Nothing> Unpin(string path);

    /// <summary>What is pinned.</summary>
    IReadOnlyList<PinReport> ReadPins();

    /// <summary>The user decides about an interrupted or incomplete file, see <see cref="CoreFileSystem.SettleInterruptedAsync"/>.</summary>
    Task<FsResult<Nothing>> SettleInterruptedAsync(string path, bool accept, CancellationToken cancellationToken);

    /// <summary>Lists a folder again now, see <see cref="CoreFileSystem.RefreshAsync"/>.</summary>
    Task<FsResult<int>> RefreshAsync(string path, bool recursive, CancellationToken cancellationToken);

    /// <summary>Holds what its bucket has confirmed against what the bucket holds now.</summary>
    DriveVerification Verification { get; }

    /// <summary>The keys that it cannot show.</summary>
    HiddenReport ReadHidden();

    /// <summary>How many files programs have open for writing.</summary>
    int OpenForWriting { get; }

    /// <summary>Before the end: see <see cref="CoreFileSystem.LetWritersFinishAsync"/>.</summary>
    Task<IReadOnlyList<long>> LetWritersFinishAsync(TimeSpan atMost, CancellationToken cancellationToken);

    /// <summary>The end does not come: see <see cref="CoreFileSystem.AdmitWriters"/>.</summary>
    void AdmitWriters();

    /// <summary>Whether the parts that it cannot do without answer, asked by the way its users take: the kernel's, through the mount, and
    /// that of the transfers. Ends when they have, or never.</summary>
    Task AnswersAsync();

    /// <summary>Takes the drive out of the tree and ends it.</summary>
    /// <returns>True when programs still had files open in it.</returns>
    Task<bool> UnmountAsync(CancellationToken cancellationToken);
}

/// <summary>What is needed to open a drive.</summary>
/// <param name="Row">Its row in the journal.</param>
/// <param name="Settings">What and where.</param>
/// <param name="Engine">How.</param>
/// <param name="Credentials">Keys of the environment, used where the settings name no other source.</param>
internal sealed record DriveOrder(DriveRow Row, DriveSettings Settings, EngineSettings Engine, ICredentialsProvider Credentials)
{
    /// <summary>What all drives together may send and receive.</summary>
    public required BandwidthControl Bandwidth { get; init; }
}

/// <summary>Mounts drives for an agent.</summary>
internal interface IDriveOpener
{
    /// <summary>Mounts a drive; it serves calls when the task ends.</summary>
    Task<ILiveDrive> OpenAsync(DriveOrder order, CancellationToken cancellationToken);
}
