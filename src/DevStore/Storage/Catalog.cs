namespace SyncAgent.DevStore;

/// <summary>
/// The durable state: decides, logs and applies changes one at a time under one gate, so that checks like "must not exist"
/// and the change they guard are one step. Lock order: gate, then the blob store's. Fsyncs happen outside the gate.
/// </summary>
internal sealed class Catalog : IDisposable
{
    /// <summary>In bytes: a log is rewritten when it is both this long and four times as long as after the last rewriting.</summary>
    public const long DefaultCompactionThreshold = 32 << 20;

    private readonly Lock _gate = new();
    private readonly CatalogState _state = new();
    private readonly MetadataLog _log;
    private readonly FileStream _folderLock;
    private readonly long _compactionThreshold;
    private readonly Action<long>? _committed;

    private Catalog(string root, bool durable, long compactionThreshold, Action<long>? committed, FileStream folderLock)
    {
        _compactionThreshold = compactionThreshold;
        _committed = committed;
        _folderLock = folderLock;
        Blobs = new BlobStore(Path.Combine(root, "blobs"), durable);
        _log = MetadataLog.Open(root, durable, record =>
        {
            (IReadOnlyList<BlobSlice> added, IReadOnlyList<BlobSlice> removed) = _state.Apply(record);
            Blobs.Retain(added);
            Blobs.Release(removed);
        });
        Blobs.DeleteUnreferenced();
    }

    public BlobStore Blobs { get; }

    /// <exception cref="IOException">Another server uses the folder.</exception>
    /// <exception cref="InvalidDataException">A newer version wrote the folder.</exception>
    public static Catalog Open(string root, bool durable, long compactionThreshold = DefaultCompactionThreshold, Action<long>? committed = null)
    {
        Directory.CreateDirectory(root);
        var folderLock = new FileStream(Path.Combine(root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            return new Catalog(root, durable, compactionThreshold, committed, folderLock);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    public T Read<T>(Func<CatalogState, T> query)
    {
        lock (_gate) return query(_state);
    }

    /// <summary>Finds an object and opens it at the same moment, so that no overwrite can come between.</summary>
    /// <param name="find">Returns the object and the slices to read, or throws.</param>
    public (ObjectRecord Object, SliceReader Reader) Open(Func<CatalogState, (ObjectRecord Object, IReadOnlyList<BlobSlice> Slices)> find)
    {
        lock (_gate)
        {
            (ObjectRecord item, IReadOnlyList<BlobSlice> slices) = find(_state);
            Blobs.Retain(slices);
            return (item, new SliceReader(Blobs, slices));
        }
    }

    /// <summary>Makes one change and returns when it is durable.</summary>
    /// <param name="decide">Looks at the state and returns the change, null for none, or throws to refuse.</param>
    /// <returns>What <paramref name="decide"/> returned.</returns>
    public async Task<TRecord?> CommitAsync<TRecord>(Func<CatalogState, TRecord?> decide)
        where TRecord : LogRecord
    {
        TRecord? record;
        IReadOnlyList<BlobSlice> removed;
        long ticket;
        lock (_gate)
        {
            record = decide(_state);
            if (record is null) return null;
            ticket = _log.Append(record);
            (IReadOnlyList<BlobSlice> added, removed) = _state.Apply(record);
            Blobs.Retain(added);
            _committed?.Invoke(_log.Length);
            CompactIfLong_NeedsLock();
        }

        await _log.Sync.WaitAsync(ticket);
        // Not before: after a power cut the old record may be back, and must find its bytes.
        Blobs.Release(removed);
        return record;
    }

    private void CompactIfLong_NeedsLock()
    {
        if (_log.Length < Math.Max(_compactionThreshold, 4 * _log.LengthWhenCompact)) return;
        try
        {
            _log.ReplaceWith(_state.Snapshot());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk, or a scanner that holds the file: the change that brought us here is in the old log, which stays in use.
            _log.PostponeReplacement();
        }
    }

    public void Dispose()
    {
        _log.Dispose();
        Blobs.Dispose();
        _folderLock.Dispose();
    }
}
