using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Fs.Core;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Model.Tests.Systems;

/// <summary>One life of an agent on a state folder: journal, file system and, when it is asked for, the transfer engine, composed as the
/// agent composes them. Ends when it is disposed of, or by <see cref="Abandon"/> before.</summary>
internal sealed class AgentLife : IDisposable
{
    private const int SmallestPart = 100 * 1024;

    private static readonly PartBudget Budget = new(64 << 20, 16);

    private readonly BootClock _clock;
    private readonly CacheStore _cache;
    private readonly GroupCommitter _groups;
    private readonly IObjectStore _store;
    private readonly DriveRow _drive;

    public AgentLife(string folder, string prefix, IObjectStore store, IObjectReader reader, TimeProvider time)
    {
        _clock = new BootClock(time);
        _store = store;
        Journal = JournalOpening.Open(folder, time, NullLogger.Instance);
        Journal.Refused += e => Refusal = e;
        Rows = Journal.OpenReader();
        var lost = new LostAndFound(folder, time);
        var recovery = JournalRecovery.Run(Journal, lost, time, MachineBoot.Id, NullLogger.Instance);
        new StagedAudit(Journal, lost, StagedContentCheck.IsIntact(Journal, NullLogger.Instance), NullLogger.Instance).Run(everything: false, CancellationToken.None);
        _drive = Rows.Drives() is [var known] ? known : AddDrive(prefix);
        _cache = CacheStore.Open(folder, discard: recovery.Rebuilt);
        _groups = new GroupCommitter(Journal, _clock, NullLogger.Instance);
        Files = CoreFileSystem.Open(
            Journal, _cache, _groups, _drive, reader,
            new CoreOptions { Uid = 1000, Gid = 1000, StagingReserve = 0, ListingAge = TimeSpan.Zero, CacheLimit = long.MaxValue }, _clock, NullLogger.Instance);
        Calls = new CoreFolder(Files);
    }

    public JournalStore Journal { get; }

    public JournalReader Rows { get; }

    public CoreFileSystem Files { get; }

    public CoreFolder Calls { get; }

    /// <summary>A mutation that the journal refused: always a defect.</summary>
    public Exception? Refusal { get; private set; }

    /// <summary>Nothing is left to do for the transfer, nor for the file system about what it found.</summary>
    public bool IsSettled =>
        Rows.Counts(_drive.Id) is { Pending: 0, Deletes: 0, Uploads: 0 } && Rows.Conflicts(_drive.Id).Count == 0
        && Rows.Uploads(_drive.Id).All(upload => upload.Phase == UploadPhase.PossiblyOurs);

    /// <summary>What is left, for the message of a failure.</summary>
    public string Unsettled => $"{Rows.Counts(_drive.Id)}; " + string.Join("; ", Rows.UnsettledNodes(_drive.Id, 0, 20).Select(
        node => $"{Rows.Path(node.Id)} {node.Problem} {node.Error} attempts {node.Attempts}"));

    public TransferEngine StartTransfer()
    {
        var options = new TransferOptions
        {
            MultipartThreshold = SmallestPart, PartSize = SmallestPart, ParallelParts = 2, JitterSeed = 1, RestartOnRenameBelow = 2 * SmallestPart,
        };
        var engine = new TransferEngine(Journal, _drive, _store, Budget, options, _clock, NullLogger<TransferEngine>.Instance) { IsBeingWritten = Files.IsBeingWritten };
        engine.Start();
        return engine;
    }

    /// <summary>The group commit that a second brings.</summary>
    public void MakeDurable() => _groups.Flush();

    public void Dispose()
    {
        Files.DisposeAsync().AsTask().GetAwaiter().GetResult();
        if (!_clock.IsDead) _groups.FlushAsync(CancellationToken.None).GetAwaiter().GetResult();
        _groups.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Journal.Dispose();
        _cache.Dispose();
    }

    /// <summary>What kill -9 leaves: nothing that was only queued is ever committed. The memory is given back by <see cref="Dispose"/>, when
    /// nobody looks at the folder any more.</summary>
    public void Abandon() => _clock.Die();

    private DriveRow AddDrive(string prefix)
    {
        var root = Journal.NewId();
        var drive = new DriveRow(Journal.NewId(), root, "oss", "http://localhost", "cn-hangzhou", "bucket", prefix, "/mnt");
        Journal.Commit(writer => writer.AddDrive(
            drive, new NodeRow { Id = root, Drive = drive.Id, Parent = 0, Name = "", Type = NodeType.Directory, Mode = 0b111_101_101 }));
        return drive;
    }
}
