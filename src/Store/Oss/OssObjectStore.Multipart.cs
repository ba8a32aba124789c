using System.Security.Cryptography;

namespace SyncAgent.Store;

public sealed partial class OssObjectStore
{
    /// <inheritdoc/>
    public async Task<string> InitiateMultipartAsync(string key, ObjectOptions options, CancellationToken cancellationToken)
    {
        var call = new OssRequest("InitiateMultipartUpload", HttpMethod.Post, key) { Content = BytesContent.Empty }
            .With("uploads").WithInitiateOptions(options);
        using var reply = await _transport.SendAsync(call, cancellationToken);
        return await reply.ReadXmlAsync("InitiateMultipartUploadResult", OssXml.ReadUploadId);
    }

    /// <inheritdoc/>
    public async Task<StoredPart> UploadPartAsync(
        string key, string uploadId, int partNumber, ObjectContent content, CancellationToken cancellationToken)
    {
        var call = Part("UploadPart", key, uploadId, partNumber, content);
        using var reply = await _transport.SendAsync(call, cancellationToken);
        return new StoredPart(reply.RequireETag(), CheckSent(call, reply, reply.Crc64));
    }

    /// <inheritdoc/>
    public async Task<StoredPart> UploadPartCopyAsync(
        string key, string uploadId, int partNumber, string sourceKey, string? sourceETag, ByteRange range, CancellationToken cancellationToken)
    {
        var call = Part("UploadPartCopy", key, uploadId, partNumber, BytesContent.Empty)
            .WithHeader(OssHeaders.CopySource, CopySource(sourceKey))
            .WithHeader(OssHeaders.CopySourceRange, Range(range))
            .WithHeader(OssHeaders.CopySourceIfMatch, sourceETag is null ? null : OssHeaders.Quote(sourceETag));
        using var reply = await _transport.SendAsync(call, cancellationToken);
        return new StoredPart(await reply.ReadXmlAsync("CopyPartResult", OssXml.ReadResultETag), reply.Crc64);
    }

    /// <inheritdoc/>
    public async Task<PartsPage> ListPartsAsync(string key, string uploadId, int partNumberMarker, CancellationToken cancellationToken)
    {
        var call = new OssRequest("ListParts", HttpMethod.Get, key)
            .With("uploadId", uploadId).With("max-parts", 1000).With("part-number-marker", partNumberMarker).With("encoding-type", "url");
        using var reply = await _transport.SendAsync(call, cancellationToken);
        var page = await reply.ReadXmlAsync("ListPartsResult", OssXml.ReadParts);
        return ListingCheck.FindFault(partNumberMarker, page) is { } fault ? throw reply.Unreadable(fault, null) : page;
    }

    /// <inheritdoc/>
    public async Task<StoredObject> CompleteMultipartAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, CancellationToken cancellationToken)
    {
        var document = OssXml.WriteComplete(parts);
        var content = new BytesContent(document) { Md5 = MD5.HashData(document) };
        var call = new OssRequest("CompleteMultipartUpload", HttpMethod.Post, key) { Content = content }
            .With("uploadId", uploadId)
            .WithHeader(OssHeaders.ContentType, "application/xml")
            .WithCompleteOptions(options);
        using var reply = await _transport.SendAsync(call, cancellationToken);
        if (options.Callback is not null) return await AfterCallbackAsync(call, reply, cancellationToken);
        var etag = await reply.ReadXmlAsync("CompleteMultipartUploadResult", OssXml.ReadResultETag);
        return new StoredObject(etag, reply.Crc64, Note(reply.VersionId), reply.RequestId);
    }

    /// <inheritdoc/>
    public async Task AbortMultipartAsync(string key, string uploadId, CancellationToken cancellationToken)
    {
        try
        {
            var call = new OssRequest("AbortMultipartUpload", HttpMethod.Delete, key) { Content = BytesContent.Empty }.With("uploadId", uploadId);
            using var reply = await _transport.SendAsync(call, cancellationToken);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NoSuchUpload)
        {
            // Completed or aborted already.
        }
    }

    /// <inheritdoc/>
    public async Task<UploadsPage> ListUploadsAsync(string prefix, string? keyMarker, string? uploadIdMarker, CancellationToken cancellationToken)
    {
        var call = new OssRequest("ListMultipartUploads", HttpMethod.Get, key: null)
            .With("uploads").With("max-uploads", 1000).With("encoding-type", "url")
            .WithOptional("prefix", prefix)
            .WithOptional("key-marker", keyMarker)
            .WithOptional("upload-id-marker", keyMarker is null ? null : uploadIdMarker);
        using var reply = await _transport.SendAsync(call, cancellationToken);
        var page = await reply.ReadXmlAsync("ListMultipartUploadsResult", OssXml.ReadUploads);
        return ListingCheck.FindFault(keyMarker, uploadIdMarker, page) is { } fault ? throw reply.Unreadable(fault, null) : page;
    }

    private static OssRequest Part(string operation, string key, string uploadId, int partNumber, ObjectContent content)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partNumber, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partNumber, 10_000);
        return new OssRequest(operation, HttpMethod.Put, key) { Content = content }.With("partNumber", partNumber).With("uploadId", uploadId);
    }
}
