using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Composition;
using SyncAgent.Fs.Core;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Torture.Power;

/// <summary>Recovers a state folder in this process, with everything of the agent but its mount, and sends all there is to send.</summary>
internal static class CoreRecovery
{
    private const int Kibibyte = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);
    private static readonly OpContext Caller = new();

    // Whatever the recorded agent had put off, such as a file that was changed while it was sent, is due.
    private static readonly TimeProvider Clock = new LaterClock();

    /// <summary>Recovers and drains.</summary>
    /// <param name="state">The state folder as the cut left it.</param>
    /// <param name="endpoint">The bucket as it was then.</param>
    public static async Task<Recovered> RunAsync(string state, Uri endpoint)
    {
        PrivateFolder.Create(state);
        var trouble = new List<string>();
        using var recovery = AgentRecovery.Begin(state, Clock, NullLogger.Instance);
        var journal = recovery.Journal;
        journal.Refused += e => trouble.Add($"the journal refused a change: {e.Message}");
        if (recovery.Plan.Rebuilt) trouble.Add("the journal was damaged");
        CheckIntegrity(state, trouble);
        using var cache = CacheStore.Open(state, recovery.ForgetsListings);
        await using var groups = new GroupCommitter(journal, Clock, NullLogger.Instance);
        using var rows = journal.OpenReader();
        if (rows.Drives() is not [var drive]) return new Recovered([], trouble, new HashSet<string>(), new HashSet<string>());

        using var client = OssObjectStore.Create(
            new OssStoreOptions { Bucket = BucketHistory.Bucket, Region = "cn-hangzhou", Endpoint = endpoint.GetLeftPart(UriPartial.Authority) },
            new StaticCredentials(new StoreCredentials(BucketHistory.KeyId, BucketHistory.Secret)), TimeProvider.System);
        var store = new RetryingStore(client, new RetryOptions(), TimeProvider.System, new Random(1));
        await using var files = CoreFileSystem.Open(
            journal, cache, groups, drive, store, new CoreOptions { StagingReserve = 0, Debounce = TimeSpan.Zero }, Clock, NullLogger.Instance);
        recovery.Start(groups);
        await using (var engine = new TransferEngine(
            journal, drive, store, new PartBudget(64 << 20, 16),
            new TransferOptions { MultipartThreshold = 256 * Kibibyte, PartSize = 100 * Kibibyte, Debounce = TimeSpan.Zero, QuietPeriod = Glance, JitterSeed = 1 },
            Clock, NullLogger<TransferEngine>.Instance)
        {
            IsBeingWritten = files.IsBeingWritten,
        })
        {
            engine.Start();
            await recovery.Checks;
            if (!await DrainAsync(journal, groups, rows, drive.Id)) trouble.Add($"not drained: {Unsettled(rows, drive.Id)}");
        }

        foreach (var conflict in rows.Conflicts(drive.Id)) trouble.Add($"conflict at {rows.Path(conflict.Id)}: {conflict.Error}");
        var uploads = rows.Uploads(drive.Id);
        return new Recovered(
            await ReadAsync(files), trouble, uploads.Where(upload => upload.UploadId is not null).Select(upload => upload.UploadId!).ToHashSet(),
            uploads.Where(upload => upload.Phase == UploadPhase.PossiblyOurs).Select(upload => upload.Key).ToHashSet());
    }

    private static void CheckIntegrity(string state, List<string> trouble)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(state, "journal.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        if (command.ExecuteScalar() is not "ok" and var answer) trouble.Add($"journal.db: {answer}");
    }

    private static async Task<bool> DrainAsync(JournalStore journal, GroupCommitter groups, JournalReader rows, long drive)
    {
        using var feed = journal.Feed.Subscribe(ChangeKinds.Desired | ChangeKinds.Remote | ChangeKinds.Work);
        using var patience = new CancellationTokenSource(Patience);
        while (!patience.IsCancellationRequested)
        {
            // Instead of the half second that a group waits for others.
            if (journal.DurableSequence < journal.EnqueuedSequence) await groups.FlushAsync(CancellationToken.None);
            if (rows.Counts(drive) is { Pending: 0, Deletes: 0, Uploads: 0 } && journal.DurableSequence == journal.EnqueuedSequence
                && rows.Uploads(drive).All(upload => upload.Phase == UploadPhase.PossiblyOurs)) return true;
            await feed.WaitAsync(Glance, TimeProvider.System, CancellationToken.None);
            feed.Take();
        }

        return false;
    }

    private static string Unsettled(JournalReader rows, long drive) => $"{rows.Counts(drive)}; " + string.Join("; ", rows.UnsettledNodes(drive, 0, 5).Select(
        node => $"{rows.Path(node.Id)} {node.Problem} {node.Error} attempts {node.Attempts}"));

    private static async Task<IReadOnlyList<SeenName>> ReadAsync(CoreFileSystem files)
    {
        var names = new List<SeenName>();
        await ReadFolderAsync(files, files.Root, "", names);
        return names;
    }

    private static async Task ReadFolderAsync(CoreFileSystem files, NodeId folder, string prefix, List<SeenName> names)
    {
        foreach (var entry in (await AnsweredAsync(() => files.OpenDirectoryAsync(Caller, folder))).Entries)
        {
            var path = prefix + entry.Name;
            if (entry.Kind == NodeKind.Directory)
            {
                names.Add(new SeenName(path, true, "", []));
                await ReadFolderAsync(files, entry.Id, path + "/", names);
                continue;
            }

            var state = files.StateOf(entry.Id.Value)?.ToString().ToLowerInvariant() ?? "remote";
            names.Add(new SeenName(path, false, state, await ReadFileAsync(files, entry.Id)));
        }
    }

    private static async Task<byte[]> ReadFileAsync(CoreFileSystem files, NodeId node)
    {
        var opened = await AnsweredAsync(() => files.OpenAsync(Caller, node, OpenFlags.Read));
        try
        {
            var bytes = new byte[opened.Attributes.Size];
            var filled = 0;
            while (filled < bytes.Length)
            {
                var read = await AnsweredAsync(() => files.ReadAsync(Caller, opened.Handle, filled, bytes.AsMemory(filled)));
                if (read == 0) break;
                filled += read;
            }

            return filled == bytes.Length ? bytes : bytes[..filled];
        }
        finally
        {
            files.Released(opened.Handle);
        }
    }

    // The clock is fast, and so is the patience of a call that needs the store.
    private static async Task<T> AnsweredAsync<T>(Func<ValueTask<FsResult<T>>> ask)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (answer.Error?.Kind != FsErrorKind.Offline || Stopwatch.GetElapsedTime(begun) > Patience) return answer.Value;
        }
    }

    // A fast one besides: some waits are there for requests of the dead agent that the store may still be carrying out, and here it has none.
    private sealed class LaterClock : TimeProvider
    {
        private const int Speed = 20;
        private readonly DateTimeOffset _first = DateTimeOffset.UtcNow.AddMinutes(30);
        private readonly long _begun = Stopwatch.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => _first + (Speed * Stopwatch.GetElapsedTime(_begun));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new FastTimer(base.CreateTimer(callback, state, Fast(dueTime), Fast(period)));

        private static TimeSpan Fast(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / Speed;

        private sealed class FastTimer(ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Fast(dueTime), Fast(period));

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
