using SyncAgent.Store;

namespace SyncAgent.TestKit;

public sealed partial class FakeObjectStore
{
    private readonly Dictionary<string, FakeUpload> _uploads = [];

    /// <summary>Ids of uploads that are neither completed nor aborted.</summary>
    public IReadOnlyList<string> OpenUploads
    {
        get
        {
            lock (_lock) return [.. _uploads.Keys];
        }
    }

    /// <summary>Most parts that ListParts gives at once.</summary>
    public int PartsPageSize { get; set; } = 1000;

    /// <summary>Where the checksums of parts that were copied are told.</summary>
    public CopyChecksums CopyChecksums { get; set; } = CopyChecksums.InReply;

    /// <summary>The store forgets an upload, as after a lifecycle rule.</summary>
    public void LoseUpload(string id)
    {
        lock (_lock) _uploads.Remove(id);
    }

    /// <summary>The store loses a part.</summary>
    public void LosePart(string id, int number)
    {
        lock (_lock) _uploads[id].Parts.Remove(number);
    }

    public async Task<string> InitiateMultipartAsync(string key, ObjectOptions options, CancellationToken cancellationToken)
    {
        var call = new FakeCall("Initiate", key);
        await EnterAsync(call, cancellationToken);
        string id;
        lock (_lock)
        {
            id = Serial("upload");
            _uploads[id] = new FakeUpload(key, options, [], []);
        }

        await LeaveAsync(call with { UploadId = id });
        return id;
    }

    public async Task<StoredPart> UploadPartAsync(
        string key, string uploadId, int partNumber, ObjectContent content, CancellationToken cancellationToken)
    {
        var call = new FakeCall("Part", key, uploadId, partNumber);
        await EnterAsync(call, cancellationToken);
        var bytes = await ReadAsync(content, cancellationToken);
        lock (_lock)
        {
            var upload = UploadNeedsLock(key, uploadId);
            upload.Parts[partNumber] = bytes;
            upload.Copied.Remove(partNumber);
        }

        await LeaveAsync(call);
        return new StoredPart(Md5(bytes), Crc64.Compute(bytes));
    }

    public async Task<StoredPart> UploadPartCopyAsync(
        string key, string uploadId, int partNumber, string sourceKey, string? sourceETag, ByteRange range, CancellationToken cancellationToken)
    {
        var call = new FakeCall("PartCopy", key, uploadId, partNumber);
        await EnterAsync(call, cancellationToken);
        byte[] bytes;
        lock (_lock)
        {
            bytes = SourceNeedsLock(sourceKey, sourceETag).Bytes.AsSpan((int)range.Offset, (int)range.Length).ToArray();
            var upload = UploadNeedsLock(key, uploadId);
            upload.Parts[partNumber] = bytes;
            upload.Copied.Add(partNumber);
        }

        await LeaveAsync(call);
        return new StoredPart(Md5(bytes), CopyChecksums == CopyChecksums.InReply ? Crc64.Compute(bytes) : null);
    }

    public async Task<PartsPage> ListPartsAsync(string key, string uploadId, int partNumberMarker, CancellationToken cancellationToken)
    {
        await EnterAsync(new FakeCall("ListParts", key, uploadId), cancellationToken);
        lock (_lock)
        {
            var upload = UploadNeedsLock(key, uploadId);
            var all = upload.Parts.Where(part => part.Key > partNumberMarker).OrderBy(part => part.Key).ToList();
            var page = all.Take(PartsPageSize).Select(part => new ListedPart(part.Key, part.Value.Length, Md5(part.Value), CrcOfPart(upload, part.Key))).ToList();
            return new PartsPage(page, page.Count < all.Count ? page[^1].PartNumber : null);
        }
    }

    public async Task<StoredObject> CompleteMultipartAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, CancellationToken cancellationToken)
    {
        var call = new FakeCall("Complete", key, uploadId);
        await EnterAsync(call, cancellationToken);
        StoredObject stored;
        lock (_lock)
        {
            var upload = UploadNeedsLock(key, uploadId);
            foreach (var part in parts)
            {
                if (!upload.Parts.TryGetValue(part.PartNumber, out var bytes) || Md5(bytes) != part.ETag)
                    throw new StoreException(StoreErrorKind.InvalidPart, $"part {part.PartNumber}") { HttpStatus = 400 };
            }

            RefuseOverwriteNeedsLock(key, options.ForbidOverwrite);
            byte[] all = [.. parts.SelectMany(part => upload.Parts[part.PartNumber])];
            var made = StoreNeedsLock(key, all, Serial("etag"), upload.Options.Metadata, upload.Options.ContentType);
            if (parts.Any(part => CrcOfPart(upload, part.PartNumber) is null)) _objects[key] = made = made with { Crc64 = null };
            if (made.Crc64 is { } crc) _objects[key] = made = made with { Crc64 = StateCrc(crc) };
            _uploads.Remove(uploadId);
            stored = Answer(made);
        }

        await LeaveAsync(call);
        return stored;
    }

    public async Task AbortMultipartAsync(string key, string uploadId, CancellationToken cancellationToken)
    {
        var call = new FakeCall("Abort", key, uploadId);
        await EnterAsync(call, cancellationToken);
        lock (_lock) _uploads.Remove(uploadId);
        await LeaveAsync(call);
    }

    public async Task<UploadsPage> ListUploadsAsync(string prefix, string? keyMarker, string? uploadIdMarker, CancellationToken cancellationToken)
    {
        await EnterAsync(new FakeCall("ListUploads", prefix), cancellationToken);
        lock (_lock) return new UploadsPage([.. _uploads.Select(upload => new ListedUpload(upload.Value.Key, upload.Key, time.GetUtcNow()))], null, null);
    }

    private FakeUpload UploadNeedsLock(string key, string id) => _uploads.TryGetValue(id, out var upload) && upload.Key == key
        ? upload
        : throw new StoreException(StoreErrorKind.NoSuchUpload, $"no upload {id}") { HttpStatus = 404 };

    private ulong? CrcOfPart(FakeUpload upload, int number) =>
        CopyChecksums == CopyChecksums.Nowhere && upload.Copied.Contains(number) ? null : Crc64.Compute(upload.Parts[number]);

    private sealed record FakeUpload(string Key, ObjectOptions Options, Dictionary<int, byte[]> Parts, HashSet<int> Copied);
}

/// <summary>Where a store tells the checksum of a part that it copied itself.</summary>
public enum CopyChecksums
{
    /// <summary>In the answer to the copy.</summary>
    InReply,

    /// <summary>When the parts are listed.</summary>
    InListing,

    /// <summary>Nowhere, and the whole object has none then.</summary>
    Nowhere,
}
