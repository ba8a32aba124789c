namespace SyncAgent.DevStore;

/// <summary>An object seen from the server's side. Stays readable after the object is overwritten or deleted, until disposed.</summary>
public sealed class StoredObject : IDisposable
{
    private readonly SliceReader _reader;

    internal StoredObject(ObjectRecord item, SliceReader reader)
    {
        _reader = reader;
        Size = item.Size;
        ETag = item.ETag;
        Crc64 = item.Crc;
        IsMultipart = item.IsMultipart;
        LastModified = item.LastModified;
        ContentType = item.Attributes.ContentType;
        Headers = item.Attributes.Headers;
        Acl = item.Attributes.Acl;
        StorageClass = item.Attributes.StorageClass;
        Tags = item.Attributes.Tags.ToDictionary(t => t.Key, t => t.Value);
        VersionId = item.VersionId;
    }

    /// <summary>In bytes.</summary>
    public long Size { get; }

    /// <summary>Without quotes.</summary>
    public string ETag { get; }

    /// <summary>CRC-64/XZ; null where a copy has none.</summary>
    public ulong? Crc64 { get; }

    /// <summary>Whether a multipart upload made it.</summary>
    public bool IsMultipart { get; }

    /// <summary>When it was written.</summary>
    public DateTimeOffset LastModified { get; }

    /// <summary>Content-Type.</summary>
    public string ContentType { get; }

    /// <summary>Cache-Control and the like, x-oss-server-side-encryption, and x-oss-meta-*, under lower-case names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>"default" where the bucket's rule holds.</summary>
    public string Acl { get; }

    /// <summary>"Standard", "IA", ...</summary>
    public string StorageClass { get; }

    /// <summary>Tags, not encoded.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; }

    /// <summary>Null for what was written without versioning.</summary>
    public string? VersionId { get; }

    /// <summary>Reads on from where the last call ended.</summary>
    /// <returns>Bytes read, 0 at the end.</returns>
    public int Read(Span<byte> buffer) => _reader.Read(buffer);

    /// <summary>All bytes that have not been read yet; for objects that fit into memory.</summary>
    public byte[] ReadToEnd()
    {
        using var whole = new MemoryStream();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = Read(buffer)) > 0) whole.Write(buffer, 0, read);
        return whole.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();
}

/// <summary>A multipart upload that is neither completed nor aborted.</summary>
public sealed record OpenUpload
{
    internal OpenUpload(Upload upload)
    {
        Key = upload.Record.Key;
        UploadId = upload.Record.Id;
        Initiated = upload.Record.Initiated;
        Parts = [.. upload.Parts.Values.Select(p => new OpenUploadPart(p.Number, p.Size, p.ETag, p.Crc))];
    }

    /// <summary>Object name.</summary>
    public string Key { get; }

    /// <summary>Its id.</summary>
    public string UploadId { get; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset Initiated { get; }

    /// <summary>The parts that have arrived, by number.</summary>
    public IReadOnlyList<OpenUploadPart> Parts { get; }
}

/// <summary>One part that has arrived.</summary>
/// <param name="Number">1 to 10,000.</param>
/// <param name="Size">In bytes.</param>
/// <param name="ETag">MD5 in upper-case hex, without quotes.</param>
/// <param name="Crc64">CRC-64/XZ; null where a copy has none.</param>
public sealed record OpenUploadPart(int Number, long Size, string ETag, ulong? Crc64);
