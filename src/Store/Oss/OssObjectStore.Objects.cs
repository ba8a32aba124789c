using System.Net;
using System.Security.Cryptography;

namespace SyncAgent.Store;

public sealed partial class OssObjectStore
{
    /// <inheritdoc/>
    public async Task<StoredObject> PutAsync(string key, ObjectContent content, ObjectOptions options, CancellationToken cancellationToken)
    {
        var call = new OssRequest("PutObject", HttpMethod.Put, key) { Content = content }.WithPutOptions(options);
        using var reply = await _transport.SendAsync(call, cancellationToken);
        if (options.Callback is not null) return await AfterCallbackAsync(call, reply, cancellationToken);
        return new StoredObject(reply.RequireETag(), CheckSent(call, reply, reply.Crc64), Note(reply.VersionId), reply.RequestId);
    }

    /// <inheritdoc/>
    public async Task<StoredObject> CopyAsync(
        string sourceKey, string? sourceETag, string key, bool replaceMetadata, ObjectOptions options, CancellationToken cancellationToken)
    {
        var call = new OssRequest("CopyObject", HttpMethod.Put, key) { Content = BytesContent.Empty }
            .WithHeader(OssHeaders.CopySource, CopySource(sourceKey))
            .WithHeader(OssHeaders.CopySourceIfMatch, sourceETag is null ? null : OssHeaders.Quote(sourceETag))
            .WithHeader(OssHeaders.MetadataDirective, replaceMetadata ? "REPLACE" : "COPY");
        if (replaceMetadata) call.WithCopyOptions(options);
        else call.WithForbidOverwrite(options.ForbidOverwrite);

        using var reply = await _transport.SendAsync(call, cancellationToken);
        var etag = await reply.ReadXmlAsync("CopyObjectResult", OssXml.ReadResultETag);
        return new StoredObject(etag, reply.Crc64, Note(reply.VersionId), reply.RequestId);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var call = new OssRequest("DeleteObject", HttpMethod.Delete, key) { Content = BytesContent.Empty };
            using var reply = await _transport.SendAsync(call, cancellationToken);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound && e.Code is not null)
        {
            // Gone already. (A 404 without a code is some proxy's, and proves nothing.)
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeleteResult>> DeleteManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        ManyKeys.DeleteAsync(keys, together => DeleteTogetherAsync(together, cancellationToken), DeleteAsync, cancellationToken);

    private async Task<IReadOnlyDictionary<string, StoreException?>> DeleteTogetherAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys) OssKeys.Check(key);
        var document = ManyKeys.WriteDocument(keys);
        var content = new BytesContent(document) { Md5 = MD5.HashData(document) };
        var call = new OssRequest("DeleteMultipleObjects", HttpMethod.Post, key: null) { Content = content }
            .With("delete").With("encoding-type", "url").WithHeader(OssHeaders.ContentType, "application/xml");
        using var reply = await _transport.SendAsync(call, cancellationToken);
        var answer = await reply.ReadXmlAsync("DeleteResult", OssXml.ReadDeleted);
        return answer.ToDictionary(
            pair => pair.Key,
            pair => pair.Value is { } error ? OssErrors.From(call.Operation, HttpStatusCode.OK, reply.Response.Headers, error, changesState: true) : null,
            StringComparer.Ordinal);
    }

    private string CopySource(string key)
    {
        OssKeys.Check(key);
        return $"/{_transport.Bucket}/{OssUrl.EncodePath(key)}";
    }

    /// <summary>Compares what was sent with what the store says has arrived; gives the store's statement.</summary>
    private static ulong? CheckSent(OssRequest call, OssReply reply, ulong? stated)
    {
        if (stated is { } stored && stored != reply.SentCrc64)
        {
            throw new StoreException(
                StoreErrorKind.ChecksumMismatch, $"{call.Operation}: sent bytes with CRC-64 {reply.SentCrc64:x16}, the store has {stored:x16}.")
            {
                HttpStatus = (int)reply.Response.StatusCode,
                RequestId = reply.RequestId,
                MayHaveSucceeded = true,
            };
        }

        return stated;
    }
}
