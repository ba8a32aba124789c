using System.Security.Cryptography;
using Amazon.Runtime;

namespace SyncAgent.Store;

/// <summary>Makes calls through the vendor's client and turns everything but success into <see cref="StoreException"/>.</summary>
internal sealed class S3Transport : IDisposable
{
    private const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    private readonly S3Endpoint _endpoint;
    private readonly ConnectionOptions _connection;
    private readonly ICredentialsProvider _credentials;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly S3Client _client;

    public S3Transport(
        S3Endpoint endpoint, ConnectionOptions connection, ICredentialsProvider credentials, TimeProvider time, Action<SocketsHttpHandler>? configure)
    {
        _endpoint = endpoint;
        _connection = connection;
        _credentials = credentials;
        _time = time;
        var handler = HttpHandlers.Make(connection, endpoint.IsLoopback);
        configure?.Invoke(handler);
        _http = new HttpClient(new S3MessageHandler(connection, handler)) { Timeout = Timeout.InfiniteTimeSpan };
        _client = S3Client.Make(endpoint, _http);
    }

    /// <summary>Whether bodies are signed: over https the connection protects them already.</summary>
    public bool SignsPayload => !_endpoint.IsEncrypted;

    /// <summary>Makes a call. A token that has been replaced meanwhile is asked for and the call, which the server has refused unseen,
    /// made once more.</summary>
    public async Task<S3Answer<T>> SendAsync<T>(
        S3Call call, Func<S3Client, CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        if (call.Key is not null) S3Keys.Check(call.Key);
        var credentials = await _credentials.GetAsync(cancellationToken);
        try
        {
            return await SendOnceAsync(call, credentials, send, cancellationToken);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.TokenExpired)
        {
            var fresh = await _credentials.RenewAsync(credentials, cancellationToken);
            if (fresh == credentials) throw;
            return await SendOnceAsync(call, fresh, send, cancellationToken);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    private async Task<S3Answer<T>> SendOnceAsync<T>(
        S3Call call, StoreCredentials credentials, Func<S3Client, CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        var attempt = new S3Attempt(call, credentials, new StallGuard(_time, cancellationToken));
        S3Attempt.Current = attempt;
        try
        {
            // A Content-MD5 is signed and checked by the store: that does for bodies that nobody encrypts, and saves reading them twice.
            if (SignsPayload && call.Content is { } content)
                attempt.PayloadSha256 = content.Md5 is null ? await HashAsync(content, attempt) : UnsignedPayload;
            var value = await send(_client, attempt.Guard.Token);
            // The client takes a redirect that it does not follow for a success.
            if ((int)attempt.Status >= 300) throw S3Errors.From(attempt, code: null, "", inner: null);
            return new S3Answer<T>(value, attempt);
        }
        catch (Exception e)
        {
            attempt.Dispose();
            if (Explain(e, attempt) is { } explained) throw explained;
            throw;
        }
    }

    /// <summary>What to throw instead, or null for what is a mistake of ours.</summary>
    private static Exception? Explain(Exception e, S3Attempt attempt)
    {
        if (attempt.Body?.SourceFailure is { } local) return local;
        if ((attempt.Failure ?? e) is StoreException known) return known;
        if (attempt.Failure is { } failure)
            return TransportFailures.Translate(failure, attempt.Call.Operation, attempt.Guard, mayHaveSucceeded: attempt.Body is { IsSent: true });
        if (TransportFailures.IsTransport(e))
            return TransportFailures.Translate(e, attempt.Call.Operation, attempt.Guard, mayHaveSucceeded: false);
        return e switch
        {
            AmazonServiceException refusal and not AmazonUnmarshallingException => S3Errors.From(attempt, refusal.ErrorCode, refusal.Message, e),
            _ when (int)attempt.Status >= 300 => S3Errors.From(attempt, code: null, e.Message, e),
            _ when attempt.Status != 0 => attempt.Unreadable(e.Message, e),
            _ => null,
        };
    }

    /// <summary>Reads the bytes once before they are sent, with all the checks that go with it.</summary>
    private async Task<string> HashAsync(ObjectContent content, S3Attempt attempt)
    {
        using var hashed = new HashedContent(content, HashAlgorithmName.SHA256);
        using var body = new BodyContent(hashed, attempt.Guard, _connection, attempt.Call.Operation);
        attempt.Body = body;
        await body.CopyToAsync(Stream.Null, attempt.Guard.Token);
        attempt.Guard.Pause();
        attempt.Body = null;
        return hashed.HexHash;
    }
}
