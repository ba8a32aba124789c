using System.Globalization;
using System.Net;

namespace SyncAgent.Store;

/// <summary>
/// One bucket of Alibaba Cloud OSS, over its REST protocol with V4 signatures. No retries and no limits here: wrap it in
/// <see cref="RetryingStore"/>. Thread-safe. Dispose when no call is under way.
/// </summary>
public sealed partial class OssObjectStore : IObjectStore, IDisposable
{
    private const long Gibibyte = 1L << 30;

    private readonly OssTransport _transport;
    private readonly StoreCapabilities _plain;
    private readonly StoreCapabilities _versioned;
    private volatile bool _isVersioned;

    private OssObjectStore(OssTransport transport)
    {
        _transport = transport;
        _plain = new StoreCapabilities(
            "oss", ForbidOverwrite: true, ObjectCrc64: true, MaxPutSize: 5 * Gibibyte, MaxCopySize: Gibibyte,
            MinPartSize: 100 * 1024, MaxPartSize: 5 * Gibibyte, MaxParts: 10_000)
        {
            Location = transport.Location,
        };
        _versioned = _plain with { ForbidOverwrite = false };
    }

    /// <summary>Limits and abilities. A bucket with versions ignores x-oss-forbid-overwrite (Alibaba's "PutObject"): once it has named a
    /// version, callers are to look before they create.</summary>
    public StoreCapabilities Capabilities => _isVersioned ? _versioned : _plain;

    /// <summary>Makes a client. Nothing is sent yet.</summary>
    /// <param name="options">Where the bucket is.</param>
    /// <param name="credentials">Asked before each request.</param>
    /// <param name="time">Clock of the signatures and of the time-outs.</param>
    /// <exception cref="ArgumentException">The options have mistakes; the message lists all of them.</exception>
    public static OssObjectStore Create(OssStoreOptions options, ICredentialsProvider credentials, TimeProvider time) =>
        Create(options, credentials, time, configure: null);

    /// <summary>The same with a hand on the connections, so that tests can reach a server under Alibaba's own names.</summary>
    internal static OssObjectStore Create(
        OssStoreOptions options, ICredentialsProvider credentials, TimeProvider time, Action<SocketsHttpHandler>? configure)
    {
        var (endpoint, errors) = OssEndpoint.Resolve(options);
        return endpoint is null
            ? throw new ArgumentException($"The store's options cannot be used:\n  {string.Join("\n  ", errors)}", nameof(options))
            : new OssObjectStore(new OssTransport(options, endpoint, credentials, time, configure));
    }

    /// <summary>What OSS does not know of options that are otherwise well-formed; a call with them throws
    /// <see cref="StoreErrorKind.NotSupported"/>.</summary>
    public static IReadOnlyList<OptionMistake> FindUnsupported(ObjectOptions options) => OssOptionHeaders.FindUnsupported(options);

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    /// <inheritdoc/>
    public async Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken)
    {
        var call = new OssRequest("ListObjectsV2", HttpMethod.Get, key: null)
            .With("list-type", "2").With("encoding-type", "url").With("max-keys", request.MaxKeys)
            .WithOptional("prefix", request.Prefix)
            .WithOptional("delimiter", request.Delimiter)
            .WithOptional("continuation-token", request.ContinuationToken)
            .WithOptional("start-after", request.ContinuationToken is null ? request.StartAfter : null);
        using var reply = await _transport.SendAsync(call, cancellationToken);
        var page = await reply.ReadXmlAsync("ListBucketResult", OssXml.ReadObjects);
        return ListingCheck.FindFault(request, page) is { } fault ? throw reply.Unreadable(fault, null) : page;
    }

    /// <inheritdoc/>
    public async Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            using var reply = await _transport.SendAsync(new OssRequest("HeadObject", HttpMethod.Head, key), cancellationToken);
            reply.RequireETag();
            var size = reply.Response.Content.Headers.ContentLength ?? throw reply.Unreadable("it has no Content-Length", null);
            var info = OssHeaders.ReadInfo(key, size, reply.Response);
            Note(info.VersionId);
            return info;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound && (e.Code is not null || e.RequestId is not null))
        {
            // A 404 without either is some proxy's, and proves nothing.
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken)
    {
        var call = new OssRequest("GetObject", HttpMethod.Get, key).WithHeader("if-match", ifMatch is null ? null : OssHeaders.Quote(ifMatch));
        if (range is { } wanted)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(wanted.Offset, nameof(range));
            ArgumentOutOfRangeException.ThrowIfLessThan(wanted.Length, 1, nameof(range));
            // Without "standard" OSS answers a range beyond the end with the whole object.
            call.WithHeader("range", Range(wanted)).WithHeader(OssHeaders.RangeBehavior, "standard");
        }

        var reply = await _transport.SendAsync(call, cancellationToken);
        try
        {
            reply.RequireETag();
            var size = WholeSize(reply, range);
            var info = OssHeaders.ReadInfo(key, size, reply.Response);
            var isWhole = reply.Response.Content.Headers.ContentLength == size;
            return new ObjectBody(info, await reply.OpenBodyAsync(isWhole ? info.Crc64 : null), reply);
        }
        catch
        {
            reply.Dispose();
            throw;
        }
    }

    private static string Range(ByteRange range) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes={range.Offset}-{checked(range.Offset + range.Length - 1)}");

    /// <summary>Learns from an answer whether the bucket keeps versions.</summary>
    private string? Note(string? versionId)
    {
        if (versionId is not null) _isVersioned = true;
        return versionId;
    }

    /// <summary>The object's size, having made sure that the body is the range that was asked for.</summary>
    private static long WholeSize(OssReply reply, ByteRange? range)
    {
        var headers = reply.Response.Content.Headers;
        var length = headers.ContentLength ?? throw reply.Unreadable("it has no Content-Length", null);
        if (reply.Response.StatusCode is not HttpStatusCode.PartialContent)
        {
            // The whole object instead of a range will do only where the two are the same.
            return range is null || (range.Value.Offset == 0 && range.Value.Length >= length)
                ? length
                : throw reply.Unreadable("it is the whole object and not the range", null);
        }

        if (range is { } wanted && headers.ContentRange is { From: { } from, To: { } to, Length: { } size } && from == wanted.Offset
            && to == Math.Min(from + wanted.Length, size) - 1 && length == to - from + 1)
        {
            return size;
        }

        throw reply.Unreadable($"its range is {headers.ContentRange}, {length} bytes", null);
    }
}
