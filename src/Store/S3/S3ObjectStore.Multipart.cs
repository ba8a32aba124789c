using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3.Model;

namespace SyncAgent.Store;

public sealed partial class S3ObjectStore
{
    /// <inheritdoc/>
    public async Task<string> InitiateMultipartAsync(string key, ObjectOptions options, CancellationToken cancellationToken)
    {
        S3Options.Check(options);
        var request = new InitiateMultipartUploadRequest { BucketName = _bucket, Key = key };
        S3Options.Apply(options, request.Headers, request.Metadata);
        var call = new S3Call("CreateMultipartUpload", key, ChangesState: true) { OmitContentType = options.ContentType is null };
        using var answer = await _transport.SendAsync(call, (client, token) => client.InitiateMultipartUploadAsync(request, token), cancellationToken);
        if (string.IsNullOrEmpty(answer.Value.UploadId)) throw answer.Attempt.Unreadable("it has no upload id");
        if (S3Options.IsEncrypted(options, answer.Value.ServerSideEncryptionMethod)) return answer.Value.UploadId;
        await AbortMultipartAsync(key, answer.Value.UploadId, cancellationToken);
        throw S3Options.NotEncrypted(options, answer.Attempt, "the upload was aborted.", isUndone: true);
    }

    /// <inheritdoc/>
    public async Task<StoredPart> UploadPartAsync(
        string key, string uploadId, int partNumber, ObjectContent content, CancellationToken cancellationToken)
    {
        CheckPartNumber(partNumber);
        using var hashed = new HashedContent(content, HashAlgorithmName.MD5);
        await using var announced = new AnnouncedStream(content.Length);
        var request = new UploadPartRequest
        {
            BucketName = _bucket,
            Key = key,
            UploadId = uploadId,
            PartNumber = partNumber,
            PartSize = content.Length,
            InputStream = announced,
            UseChunkEncoding = false,
            DisablePayloadSigning = !_transport.SignsPayload,
            MD5Digest = content.Md5 is null ? null : Convert.ToBase64String(content.Md5),
        };
        var call = new S3Call("UploadPart", key, ChangesState: true, hashed) { OmitContentType = true };
        using var answer = await _transport.SendAsync(call, (client, token) => client.UploadPartAsync(request, token), cancellationToken);
        var etag = S3Answers.RequireETag(answer, answer.Value.ETag);
        if (!S3ETags.IsKms(answer.Value.ServerSideEncryptionMethod)) CheckSent(answer.Attempt, etag, hashed);
        return new StoredPart(etag, null);
    }

    /// <inheritdoc/>
    public async Task<StoredPart> UploadPartCopyAsync(
        string key, string uploadId, int partNumber, string sourceKey, string? sourceETag, ByteRange range, CancellationToken cancellationToken)
    {
        CheckPartNumber(partNumber);
        S3Keys.Check(sourceKey);
        var request = new CopyPartRequest
        {
            SourceBucket = _bucket,
            SourceKey = sourceKey,
            DestinationBucket = _bucket,
            DestinationKey = key,
            UploadId = uploadId,
            PartNumber = partNumber,
            FirstByte = range.Offset,
            LastByte = checked(range.Offset + range.Length - 1),
        };
        if (sourceETag is not null) request.ETagToMatch = [S3ETags.Quote(sourceETag)];
        await CheckSourceAsync(sourceKey, sourceETag, cancellationToken);
        using var answer = await _transport.SendAsync(
            new S3Call("UploadPartCopy", key, ChangesState: true), (client, token) => client.CopyPartAsync(request, token), cancellationToken);
        await CheckSourceAsync(sourceKey, sourceETag, cancellationToken, isCopied: true);
        return new StoredPart(S3Answers.RequireETag(answer, answer.Value.ETag), null);
    }

    /// <inheritdoc/>
    public async Task<PartsPage> ListPartsAsync(string key, string uploadId, int partNumberMarker, CancellationToken cancellationToken)
    {
        var request = new ListPartsRequest
        {
            BucketName = _bucket,
            Key = key,
            UploadId = uploadId,
            MaxParts = _pageSize,
            PartNumberMarker = partNumberMarker == 0 ? null : partNumberMarker.ToString(CultureInfo.InvariantCulture),
        };
        using var answer = await _transport.SendAsync(
            new S3Call("ListParts", key, ChangesState: false), (client, token) => client.ListPartsAsync(request, token), cancellationToken);
        var page = S3Answers.ReadParts(answer);
        return ListingCheck.FindFault(partNumberMarker, page) is { } fault ? throw answer.Attempt.Unreadable(fault) : page;
    }

    /// <inheritdoc/>
    public async Task<StoredObject> CompleteMultipartAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, CancellationToken cancellationToken)
    {
        S3Options.Check(options);
        return options.ForbidOverwrite
            ? await _createOnly.RunAsync(
                key, condition => CompleteAsync(key, uploadId, parts, options, condition, cancellationToken), isPut: false, hasOtherCondition: false,
                cancellationToken)
            : await CompleteAsync(key, uploadId, parts, options, ifNoneMatch: null, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task AbortMultipartAsync(string key, string uploadId, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _transport.SendAsync(
                new S3Call("AbortMultipartUpload", key, ChangesState: true),
                (client, token) => client.AbortMultipartUploadAsync(
                    new AbortMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = uploadId }, token),
                cancellationToken);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NoSuchUpload)
        {
            // Completed or aborted already.
        }
    }

    /// <inheritdoc/>
    public async Task<UploadsPage> ListUploadsAsync(string prefix, string? keyMarker, string? uploadIdMarker, CancellationToken cancellationToken)
    {
        var request = new ListMultipartUploadsRequest
        {
            BucketName = _bucket,
            Prefix = prefix.Length == 0 ? null : prefix,
            KeyMarker = keyMarker,
            UploadIdMarker = keyMarker is null ? null : uploadIdMarker,
            // Without an encoding: radosgw encodes keys when asked to, and does not say so.
            MaxUploads = _pageSize,
        };
        using var answer = await _transport.SendAsync(
            new S3Call("ListMultipartUploads", Key: null, ChangesState: false), (client, token) => client.ListMultipartUploadsAsync(request, token),
            cancellationToken);
        var page = S3Answers.ReadUploads(answer);
        if (ListingCheck.FindFault(keyMarker, uploadIdMarker, page) is { } fault) throw answer.Attempt.Unreadable(fault);
        // Without an id the marker stands for all uploads of its key; radosgw gives them all the same.
        return uploadIdMarker is null ? page with { Uploads = [.. page.Uploads.Where(u => u.Key != keyMarker)] } : page;
    }

    private async Task<StoredObject> CompleteAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = _bucket,
            Key = key,
            UploadId = uploadId,
            PartETags = [.. parts.Select(p => new PartETag(p.PartNumber, S3ETags.Quote(p.ETag)))],
            IfNoneMatch = ifNoneMatch,
        };
        var call = new S3Call("CompleteMultipartUpload", key, ChangesState: true);
        try
        {
            using var answer = await _transport.SendAsync(call, (client, token) => client.CompleteMultipartUploadAsync(request, token), cancellationToken);
            // radosgw leaves it empty.
            var etag = S3ETags.Unquote(answer.Value.ETag) ?? (await HeadAsync(key, cancellationToken))?.ETag
                ?? throw answer.Attempt.Unreadable("it has no ETag, and there is no such object");
            if (!S3ETags.IsKms(answer.Value.ServerSideEncryptionMethod) && S3ETags.OfParts(parts) is { } expected && S3ETags.ContradictsParts(etag, expected))
                throw Mismatch(answer.Attempt, $"the parts make up {expected}, the store has {etag}");
            await CheckTaggedAsync(key, options, answer.Attempt, cancellationToken);
            return new StoredObject(etag, null, Version(answer.Value.VersionId), answer.Attempt.RequestId);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Unavailable)
        {
            // radosgw answers 500 for an id that it does not know. The caller looks at the object, as for any id that is gone.
            if (!await IsGoneAsync(key, uploadId, cancellationToken)) throw;
            throw new StoreException(StoreErrorKind.NoSuchUpload, $"{e.Message} The upload is not there any more.", e)
            {
                HttpStatus = e.HttpStatus,
                Code = e.Code,
                RequestId = e.RequestId,
                MayHaveSucceeded = true,
            };
        }
    }

    /// <summary>Whether the store says that it does not know the upload; false when it says nothing.</summary>
    private async Task<bool> IsGoneAsync(string key, string uploadId, CancellationToken cancellationToken)
    {
        try
        {
            await ListPartsAsync(key, uploadId, partNumberMarker: 0, cancellationToken);
            return false;
        }
        catch (StoreException e)
        {
            return e.Kind is StoreErrorKind.NoSuchUpload;
        }
    }

    private static void CheckPartNumber(int partNumber)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partNumber, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partNumber, 10_000);
    }
}
