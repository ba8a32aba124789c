using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace SyncAgent.Store;

public sealed partial class S3ObjectStore
{
    /// <inheritdoc/>
    public async Task<StoredObject> PutAsync(string key, ObjectContent content, ObjectOptions options, CancellationToken cancellationToken)
    {
        S3Options.Check(options);
        return options.ForbidOverwrite
            ? await _createOnly.RunAsync(
                key, condition => PutAsync(key, content, options, condition, cancellationToken), isPut: true, hasOtherCondition: false, cancellationToken)
            : await PutAsync(key, content, options, ifNoneMatch: null, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<StoredObject> CopyAsync(
        string sourceKey, string? sourceETag, string key, bool replaceMetadata, ObjectOptions options, CancellationToken cancellationToken)
    {
        S3Keys.Check(sourceKey);
        if (replaceMetadata) S3Options.Check(options);
        return options.ForbidOverwrite
            ? await _createOnly.RunAsync(key, SendAsync, isPut: false, hasOtherCondition: sourceETag is not null, cancellationToken)
            : await SendAsync(ifNoneMatch: null);

        async Task<StoredObject> SendAsync(string? ifNoneMatch)
        {
            var request = new CopyObjectRequest
            {
                SourceBucket = _bucket,
                SourceKey = sourceKey,
                ETagToMatch = sourceETag is null ? null : S3ETags.Quote(sourceETag),
                DestinationBucket = _bucket,
                DestinationKey = key,
                IfNoneMatch = ifNoneMatch,
                MetadataDirective = replaceMetadata ? S3MetadataDirective.REPLACE : S3MetadataDirective.COPY,
            };
            if (replaceMetadata) S3Options.Apply(options, request);
            await CheckSourceAsync(sourceKey, sourceETag, cancellationToken);
            var call = new S3Call("CopyObject", key, ChangesState: true) { OmitContentType = !replaceMetadata || options.ContentType is null };
            using var answer = await _transport.SendAsync(call, (client, token) => client.CopyObjectAsync(request, token), cancellationToken);
            var etag = S3Answers.RequireETag(answer, answer.Value.ETag);
            if (sourceKey != key) await CheckSourceAsync(sourceKey, sourceETag, cancellationToken, isCopied: true);
            if (replaceMetadata)
            {
                if (!S3Options.IsEncrypted(options, answer.Value.ServerSideEncryptionMethod))
                    throw S3Options.NotEncrypted(options, answer.Attempt, "the copy is there, unencrypted.", isUndone: false);
                await CheckTaggedAsync(key, options, answer.Attempt, cancellationToken);
            }

            return new StoredObject(etag, null, Version(answer.Value.VersionId), answer.Attempt.RequestId);
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _transport.SendAsync(
                new S3Call("DeleteObject", key, ChangesState: true),
                (client, token) => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _bucket, Key = key }, token),
                cancellationToken);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound && e.RequestId is not null)
        {
            // Gone already. (A 404 without a request id is some proxy's, and proves nothing.)
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeleteResult>> DeleteManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        ManyKeys.DeleteAsync(keys, _refusesManyKeys ? null : together => DeleteTogetherAsync(together, cancellationToken), DeleteAsync, cancellationToken);

    private async Task<IReadOnlyDictionary<string, StoreException?>> DeleteTogetherAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys) S3Keys.Check(key);
        var call = new S3Call("DeleteObjects", Key: null, ChangesState: true) { ReplacesChecksumByMd5 = true };
        var request = new DeleteObjectsRequest
        {
            BucketName = _bucket, Objects = [.. keys.Select(key => new KeyVersion { Key = key })], Quiet = false,
        };
        try
        {
            using var answer = await _transport.SendAsync(call, (client, token) => SendAsync(client, request, token), cancellationToken);
            var results = new Dictionary<string, StoreException?>(StringComparer.Ordinal);
            foreach (var deleted in answer.Value.DeletedObjects ?? []) results[deleted.Key] = null;
            foreach (var failed in answer.Value.DeleteErrors ?? [])
            {
                var error = S3Errors.From(answer.Attempt, failed.Code, failed.Message, inner: null);
                results[failed.Key] = error.Kind is StoreErrorKind.NotFound ? null : error;
            }

            return results;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotSupported)
        {
            _refusesManyKeys = true;
            return (await ManyKeys.DeleteAsync(keys, together: null, DeleteAsync, cancellationToken))
                .ToDictionary(result => result.Key, result => result.Error, StringComparer.Ordinal);
        }

        static async Task<DeleteObjectsResponse> SendAsync(S3Client client, DeleteObjectsRequest request, CancellationToken cancellationToken)
        {
            try
            {
                return await client.DeleteObjectsAsync(request, cancellationToken);
            }
            catch (DeleteObjectsException e) when (e.Response is not null)
            {
                return e.Response; // some of the keys failed: the answer says which
            }
        }
    }

    private async Task<StoredObject> PutAsync(
        string key, ObjectContent content, ObjectOptions options, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        using var hashed = new HashedContent(content, HashAlgorithmName.MD5);
        await using var announced = new AnnouncedStream(content.Length);
        var request = new PutObjectRequest
        {
            BucketName = _bucket,
            Key = key,
            InputStream = announced,
            AutoCloseStream = false,
            UseChunkEncoding = false,
            DisablePayloadSigning = !_transport.SignsPayload,
            MD5Digest = content.Md5 is null ? null : Convert.ToBase64String(content.Md5),
            IfNoneMatch = ifNoneMatch,
        };
        S3Options.Apply(options, request.Headers, request.Metadata);
        var call = new S3Call("PutObject", key, ChangesState: true, hashed) { OmitContentType = options.ContentType is null };
        using var answer = await _transport.SendAsync(call, (client, token) => client.PutObjectAsync(request, token), cancellationToken);
        var etag = S3Answers.RequireETag(answer, answer.Value.ETag);
        if (!S3ETags.IsKms(answer.Value.ServerSideEncryptionMethod)) CheckSent(answer.Attempt, etag, hashed);
        if (!S3Options.IsEncrypted(options, answer.Value.ServerSideEncryptionMethod))
            throw S3Options.NotEncrypted(options, answer.Attempt, "the object is stored, unencrypted.", isUndone: false);
        await CheckTaggedAsync(key, options, answer.Attempt, cancellationToken);
        return new StoredObject(etag, null, Version(answer.Value.VersionId), answer.Attempt.RequestId);
    }

    /// <summary>
    /// Makes sure that a copy's source is the one that was meant, where it is not known that the store does (radosgw ignores
    /// <c>x-amz-copy-source-if-match</c>). A source that is still the same after the copy was the same during it.
    /// </summary>
    private async Task CheckSourceAsync(string key, string? etag, CancellationToken cancellationToken, bool isCopied = false)
    {
        if (etag is null || _isAmazon) return;
        var found = await HeadAsync(key, cancellationToken);
        if (found?.ETag == etag) return;
        throw new StoreException(
            found is null ? StoreErrorKind.NotFound : StoreErrorKind.PreconditionFailed,
            $"The copy's source {key} is {(found is null ? "gone" : $"another by now: its ETag is {found.ETag}, not {etag}")}.")
        {
            MayHaveSucceeded = isCopied,
        };
    }

    /// <summary>Makes sure that an object has its tags, where it is not known that the store minds them (radosgw drops those of multipart
    /// uploads and copies and says nothing).</summary>
    private async Task CheckTaggedAsync(string key, ObjectOptions options, S3Attempt attempt, CancellationToken cancellationToken)
    {
        if (options.Tags.Count == 0 || _isAmazon) return;
        using var answer = await _transport.SendAsync(
            new S3Call("GetObjectTagging", key, ChangesState: false),
            (client, token) => client.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = _bucket, Key = key }, token),
            cancellationToken);
        var found = (answer.Value.Tagging ?? []).ToDictionary(t => t.Key, t => t.Value ?? "");
        if (found.Count == options.Tags.Count && options.Tags.All(t => found.GetValueOrDefault(t.Key) == t.Value)) return;
        throw new StoreException(
            StoreErrorKind.NotSupported, $"{attempt.Call.Operation}: tags were asked for and dropped by the store; the object is there, without them.")
        {
            RequestId = attempt.RequestId,
            MayHaveSucceeded = true,
        };
    }

    /// <summary>Compares what was sent with what the store says has arrived.</summary>
    private static void CheckSent(S3Attempt attempt, string etag, HashedContent sent)
    {
        if (S3ETags.Contradicts(etag, sent.HexHash)) throw Mismatch(attempt, $"sent bytes with MD5 {sent.HexHash}, the store has {etag}");
    }

    private static StoreException Mismatch(S3Attempt attempt, string what) =>
        new(StoreErrorKind.ChecksumMismatch, $"{attempt.Call.Operation}: {what}.")
        {
            HttpStatus = (int)attempt.Status,
            RequestId = attempt.RequestId,
            MayHaveSucceeded = true,
        };

    private static string? Version(string? id) => string.IsNullOrEmpty(id) ? null : id;
}
