using Amazon.S3;
using Amazon.S3.Model;

namespace SyncAgent.Store;

/// <summary>
/// One bucket of Amazon S3 or of a store that speaks its protocol. No retries and no limits here: wrap it in
/// <see cref="RetryingStore"/>. Thread-safe. Dispose when no call is under way.
/// </summary>
/// <remarks>S3 states no CRC-64. What proves that the bytes arrived is the Content-MD5 that goes with them, where their owner knows it, and
/// the ETag that comes back, where it is an MD5: it must be that of the bytes sent. Signatures take the system's clock.</remarks>
public sealed partial class S3ObjectStore : IObjectStore, IDisposable
{
    private const long Gibibyte = 1L << 30;

    private readonly S3Transport _transport;
    private readonly S3CreateOnly _createOnly;
    private readonly string _bucket;
    private readonly bool _isAmazon;
    private readonly int _pageSize;
    private readonly StoreCapabilities _capabilities;
    private volatile bool _refusesManyKeys;

    private S3ObjectStore(S3StoreOptions options, S3Endpoint endpoint, S3Transport transport)
    {
        _transport = transport;
        _bucket = endpoint.Bucket;
        _isAmazon = endpoint.IsAmazon;
        _pageSize = options.PageSize;
        _createOnly = new S3CreateOnly(
            options.ConditionalWrites, endpoint.IsAmazon, async (key, cancellationToken) => await HeadAsync(key, cancellationToken) is not null);
        _capabilities = new StoreCapabilities(
            "s3", ForbidOverwrite: false, ObjectCrc64: false, MaxPutSize: 5 * Gibibyte, MaxCopySize: 5 * Gibibyte,
            MinPartSize: 5L << 20, MaxPartSize: 5 * Gibibyte, MaxParts: 10_000);
        // Amazon takes what its parts make up (48.8 TiB); others have kept to the limit that it had until 2025.
        if (!endpoint.IsAmazon) _capabilities = _capabilities with { MaxObjectSize = 5L << 40 };
    }

    /// <inheritdoc/>
    public StoreCapabilities Capabilities => _capabilities with { ForbidOverwrite = _createOnly.IsChecked };

    /// <summary>Makes a client. Nothing is sent yet.</summary>
    /// <param name="options">Where the bucket is.</param>
    /// <param name="credentials">Asked before each request.</param>
    /// <param name="time">Clock of the time-outs.</param>
    /// <exception cref="ArgumentException">The options have mistakes; the message lists all of them.</exception>
    public static S3ObjectStore Create(S3StoreOptions options, ICredentialsProvider credentials, TimeProvider time) =>
        Create(options, credentials, time, configure: null);

    /// <summary>The same with a hand on the connections, so that tests can reach a server under any name.</summary>
    internal static S3ObjectStore Create(
        S3StoreOptions options, ICredentialsProvider credentials, TimeProvider time, Action<SocketsHttpHandler>? configure)
    {
        var (endpoint, errors) = S3Endpoint.Resolve(options);
        return endpoint is null
            ? throw new ArgumentException($"The store's options cannot be used:\n  {string.Join("\n  ", errors)}", nameof(options))
            : new S3ObjectStore(options, endpoint, new S3Transport(endpoint, options.Connection, credentials, time, configure));
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    /// <inheritdoc/>
    public async Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken)
    {
        var call = new S3Call("ListObjectsV2", Key: null, ChangesState: false);
        using var answer = await _transport.SendAsync(
            call,
            (client, token) => client.ListObjectsV2Async(
                new ListObjectsV2Request
                {
                    BucketName = _bucket,
                    Prefix = request.Prefix.Length == 0 ? null : request.Prefix,
                    Delimiter = request.Delimiter,
                    ContinuationToken = request.ContinuationToken,
                    StartAfter = request.ContinuationToken is null ? request.StartAfter : null,
                    MaxKeys = request.MaxKeys,
                    Encoding = EncodingType.Url,
                },
                token),
            cancellationToken);
        var page = S3Answers.ReadPage(answer);
        return ListingCheck.FindFault(request, page) is { } fault ? throw answer.Attempt.Unreadable(fault) : page;
    }

    /// <inheritdoc/>
    public async Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _transport.SendAsync(
                new S3Call("HeadObject", key, ChangesState: false),
                (client, token) => client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _bucket, Key = key }, token),
                cancellationToken);
            return S3Answers.ReadInfo(key, answer);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound && e.RequestId is not null)
        {
            // A 404 without it is some proxy's, and proves nothing.
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = _bucket, Key = key, EtagToMatch = ifMatch is null ? null : S3ETags.Quote(ifMatch) };
        if (range is { } wanted)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(wanted.Offset, nameof(range));
            ArgumentOutOfRangeException.ThrowIfLessThan(wanted.Length, 1, nameof(range));
            request.ByteRange = new Amazon.S3.Model.ByteRange(wanted.Offset, checked(wanted.Offset + wanted.Length - 1));
        }

        var call = new S3Call("GetObject", key, ChangesState: false) { IsDownload = true };
        var answer = await _transport.SendAsync(call, (client, token) => client.GetObjectAsync(request, token), cancellationToken);
        try
        {
            var info = S3Answers.ReadInfo(key, range, answer);
            var bytes = answer.Value.ResponseStream;
            var isWhole = answer.Value.Headers.ContentLength == info.Size;
            return new ObjectBody(info, isWhole && info.Md5 is { } md5 ? new Md5CheckedStream(bytes, info.Size, md5, call.Operation) : bytes, answer);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }
}
