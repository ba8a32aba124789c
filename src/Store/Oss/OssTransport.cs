using System.Net;
using System.Net.Http.Headers;

namespace SyncAgent.Store;

/// <summary>Addresses, signs and sends requests; turns everything but success into <see cref="StoreException"/>.</summary>
internal sealed class OssTransport : IDisposable
{
    /// <summary>Bodies from this size on wait for the server's leave (100-continue): a refusal then costs a round trip,
    /// not the body, and is not mistaken for a broken connection.</summary>
    private const long AskFirstFrom = 1024 * 1024;

    private const int MaxErrorBytes = 256 * 1024;

    private readonly ConnectionOptions _connection;
    private readonly OssEndpoint _endpoint;
    private readonly ICredentialsProvider _credentials;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    // Ticks that the server's clock is ahead of ours; learned from a refusal, so that a wrong clock stops nobody's uploads.
    private long _clockOffset;

    public OssTransport(OssStoreOptions options, OssEndpoint endpoint, ICredentialsProvider credentials, TimeProvider time, Action<SocketsHttpHandler>? configure)
    {
        _connection = options.Connection;
        _endpoint = endpoint;
        _credentials = credentials;
        _time = time;
        var handler = HttpHandlers.Make(options.Connection, endpoint.IsLoopback);
        configure?.Invoke(handler);
        _http = new HttpMessageInvoker(handler);
    }

    public string Bucket => _endpoint.Bucket;

    /// <summary>Host and bucket.</summary>
    public string Location => $"{_endpoint.UriFor(null, "").Authority}/{_endpoint.Bucket}";

    /// <summary>Sends a request and returns once its answer's headers are there. A clock that is off and a token that has been
    /// replaced meanwhile are put right and the request, which the server has refused unseen, is sent once more.</summary>
    public async Task<OssReply> SendAsync(OssRequest request, CancellationToken cancellationToken)
    {
        if (request.Key is not null) OssKeys.Check(request.Key);
        var credentials = await _credentials.GetAsync(cancellationToken);
        var offset = Interlocked.Read(ref _clockOffset);
        for (bool clockSet = false, tokenRenewed = false; ;)
        {
            try
            {
                return await SendOnceAsync(request, credentials, offset, cancellationToken);
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.ClockSkew && !clockSet && Interlocked.Read(ref _clockOffset) != offset)
            {
                clockSet = true;
                offset = Interlocked.Read(ref _clockOffset);
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.TokenExpired && !tokenRenewed)
            {
                tokenRenewed = true;
                var fresh = await _credentials.RenewAsync(credentials, cancellationToken);
                if (fresh == credentials) throw;
                credentials = fresh;
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<OssReply> SendOnceAsync(
        OssRequest request, StoreCredentials credentials, long clockOffset, CancellationToken cancellationToken)
    {
        var guard = new StallGuard(_time, cancellationToken);
        var body = request.Content is null ? null : new BodyContent(request.Content, guard, _connection, request.Operation);
        HttpResponseMessage? response = null;
        try
        {
            using var message = MakeMessage(request, body, credentials, _time.GetUtcNow().AddTicks(clockOffset));
            guard.Arm(_connection.ConnectTimeout + _connection.AnswerTimeout(request.Operation, request.Content?.Length ?? 0));
            response = await _http.SendAsync(message, guard.Token);
            guard.Pause();
            var reply = new OssReply(request, response, guard, _connection.StallTimeout, body?.SentCrc64 ?? 0);
            if (!response.IsSuccessStatusCode) throw await RefusalAsync(request, reply);
            response = null;
            guard = null;
            return reply;
        }
        catch (Exception e) when (body?.SourceFailure is not null || TransportFailures.IsTransport(e))
        {
            throw body?.SourceFailure ?? TransportFailures.Translate(e, request.Operation, guard!, mayHaveSucceeded: body is { IsSent: true });
        }
        finally
        {
            response?.Dispose();
            guard?.Dispose();
        }
    }

    private HttpRequestMessage MakeMessage(OssRequest request, BodyContent? body, StoreCredentials credentials, DateTimeOffset now)
    {
        List<KeyValuePair<string, string>> headers =
        [
            .. request.Headers,
            new(OssHeaders.Date, OssSigner.FormatTime(now)),
            new(OssHeaders.ContentSha256, OssSigner.UnsignedPayload),
        ];
        if (credentials.SecurityToken is { } token) headers.Add(new(OssHeaders.SecurityToken, token));
        if (request.Content?.Md5 is { } md5) headers.Add(new(OssHeaders.ContentMd5, Convert.ToBase64String(md5)));

        var signer = new OssSigner(_endpoint.Region, credentials);
        var signing = new OssSigningRequest(request.Method.Method, _endpoint.Bucket, request.Key, request.Query, headers, []);
        headers.Add(new("authorization", signer.Authorize(signing, now)));

        var message = new HttpRequestMessage(request.Method, _endpoint.UriFor(request.Key, OssUrl.Query(request.Query)))
        {
            Content = body,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        foreach (var (name, value) in headers)
        {
            HttpHeaders target = body is not null && name.StartsWith("content-", StringComparison.Ordinal) ? body.Headers : message.Headers;
            if (!target.TryAddWithoutValidation(name, value)) throw new ArgumentException($"Header {name} cannot be sent.");
        }

        message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        if (request.Content?.Length >= AskFirstFrom) message.Headers.ExpectContinue = true;
        return message;
    }

    private static readonly string UserAgent = $"syncagent/{typeof(OssTransport).Assembly.GetName().Version?.ToString(3)}";

    private async Task<StoreException> RefusalAsync(OssRequest request, OssReply reply)
    {
        var response = reply.Response;
        var error = request.Method == HttpMethod.Head
            ? OssXml.TryParseHeadError(HeaderValues.First(response.Headers, OssHeaders.HeadError))
            : await ReadErrorAsync(reply);
        var refusal = OssErrors.From(request.Operation, response.StatusCode, response.Headers, error, request.ChangesState);
        if (refusal.Kind is StoreErrorKind.ClockSkew && response.Headers.Date is { } serverTime)
            Interlocked.Exchange(ref _clockOffset, (serverTime - _time.GetUtcNow()).Ticks);
        return refusal;
    }

    private static async Task<OssErrorDocument?> ReadErrorAsync(OssReply reply)
    {
        try
        {
            return OssXml.TryParseError(await reply.ReadAllAsync(MaxErrorBytes));
        }
        catch (StoreException)
        {
            // The details got lost on the way, the status did not: the caller goes by that.
            return null;
        }
    }
}
