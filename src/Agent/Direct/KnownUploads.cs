using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Direct;

/// <summary>Whose an open multipart upload is, as far as this state folder knows.</summary>
internal enum UploadOwner
{
    /// <summary>Somebody else's, or nothing is known of it. Never aborted but by its id.</summary>
    Unknown,

    /// <summary>The reply to an Initiate of this key was lost here: it may be that one. Never aborted but by its id.</summary>
    PossiblyOurs,

    /// <summary>Of a file of a drive; the agent goes on with it, or is about to abort it.</summary>
    Drive,

    /// <summary>Of a <c>put</c> that was interrupted; the same command goes on with it.</summary>
    Put,
}

/// <summary>The uploads that a state folder knows: those of its drives, from the journal, and those of interrupted puts.</summary>
internal sealed class KnownUploads
{
    private readonly IReadOnlyList<OwnUpload> _drives;
    private readonly IReadOnlyList<UploadRecord> _puts;
    private readonly CheckpointFolder? _checkpoints;

    private KnownUploads(IReadOnlyList<OwnUpload> drives, CheckpointFolder? checkpoints)
    {
        _drives = drives;
        _checkpoints = checkpoints;
        _puts = checkpoints?.List() ?? [];
    }

    /// <summary>Asks the agent of a state folder, or reads its journal when none runs.</summary>
    public static async Task<KnownUploads> ReadAsync(string state, CancellationToken stop)
    {
        var folder = Path.Combine(state, StateFolder.Checkpoints);
        return new KnownUploads(await ReadDrivesAsync(state, stop), Directory.Exists(folder) ? new CheckpointFolder(folder) : null);
    }

    /// <summary>Whose an upload is.</summary>
    public UploadOwner OwnerOf(string key, string uploadId)
    {
        if (_drives.Any(upload => upload.UploadId == uploadId && upload.Key == key)) return UploadOwner.Drive;
        if (PutOf(key, uploadId) is not null) return UploadOwner.Put;
        return _drives.Any(upload => upload.UploadId is null && upload.Key == key) || _puts.Any(upload => (upload.Lost || upload.UploadId is null) && upload.Key == key)
            ? UploadOwner.PossiblyOurs
            : UploadOwner.Unknown;
    }

    /// <summary>The file that an interrupted put was sending, or null.</summary>
    public UploadRecord? PutOf(string key, string uploadId) => _puts.FirstOrDefault(upload => upload.UploadId == uploadId && upload.Key == key);

    /// <summary>Aborts the upload of an interrupted put, and then forgets it.</summary>
    /// <exception cref="StoreException">It is running, or the store does not abort: it is still known then.</exception>
    public Task ForgetAsync(UploadRecord put, Func<Task> abort) => _checkpoints!.ForgetAsync(put, abort);

    /// <summary>Forgets the puts of which nothing is known but a lost reply, where a complete listing shows that no upload can be theirs.</summary>
    /// <param name="location">Endpoint and bucket that were listed.</param>
    /// <param name="prefix">What was listed of it, begun after this was read.</param>
    /// <param name="open">Keys that have an open upload.</param>
    /// <returns>What was forgotten.</returns>
    public IReadOnlyList<UploadRecord> SettleDoubts(string location, string prefix, IReadOnlySet<string> open) =>
    [
        .. _puts.Where(put => put.UploadId is null && put.Location == location && put.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Where(put => !open.Contains(put.Key) && _checkpoints!.TryForgetDoubt(put)),
    ];

    /// <summary>The rows of a journal that stand for uploads.</summary>
    public static IReadOnlyList<OwnUpload> Of(JournalReader reader) =>
    [
        .. reader.Drives().SelectMany(drive => reader.Uploads(drive.Id))
            .Where(row => row.Phase != UploadPhase.Writing)
            .Select(row => new OwnUpload(row.Key, row.UploadId)),
    ];

    private static Task<IReadOnlyList<OwnUpload>> ReadDrivesAsync(string state, CancellationToken stop) => StateReader.ReadAsync(
        state, async client => (await client.GetUploadsAsync(stop)).Uploads, journal => Of(journal.OpenReader()), stop);
}
