using System.Net;
using System.Text;
using System.Text.Json;

namespace SyncAgent.DevStore;

/// <summary>
/// Tells an application's server that an object is stored, once, as OSS does: five seconds, then it counts as failed; an answer is
/// 200 with JSON and its length. Unlike OSS it calls this machine only, and signs nothing (nobody has Alibaba's private key).
/// </summary>
internal sealed class CallbackSender(TimeProvider time) : IDisposable
{
    private const int MaxAnswer = 1 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        // The application may be restarted between two uploads, and a request that met a dead connection would be made twice.
        PooledConnectionLifetime = TimeSpan.Zero,
    });

    /// <summary>Turns the answer to an upload that is stored into the one that its callback has it get.</summary>
    /// <exception cref="OssException">203: nobody was told.</exception>
    public async Task<OssResponse> FinishAsync(CallbackRequest? callback, ObjectRecord item, string operation, OssResponse stored)
    {
        if (callback is null) return stored;
        string body = CallbackBody.Fill(callback, item, operation);
        string failure = "";
        foreach (string url in callback.Urls)
        {
            try
            {
                var answer = new OssResponse { Body = await SendAsync(url, callback, body, item.Bucket) };
                foreach ((string name, string value) in stored.Headers) answer.With(name, value);
                return answer.With("Content-Type", CallbackRequest.JsonType);
            }
            catch (CallbackFailure e)
            {
                failure = e.Message;
            }
        }

        throw OssErrors.CallbackFailed(failure, stored.Headers.Where(h => h.Key != "Content-Type").Select(h => (h.Key, h.Value)));
    }

    public void Dispose() => _http.Dispose();

    private async Task<byte[]> SendAsync(string url, CallbackRequest callback, string body, string bucket)
    {
        Uri uri = Resolve(url);
        using var limit = new CancellationTokenSource(Limit, time);
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new StringContent(body, Encoding.UTF8, callback.BodyType) };
        if (callback.Host is { Length: > 0 } host) request.Headers.Host = host;
        request.Headers.TryAddWithoutValidation("x-oss-bucket", bucket);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, limit.Token);
            if (response.StatusCode != HttpStatusCode.OK) throw new CallbackFailure($"Error status : {(int)response.StatusCode}.");
            if (!response.Content.Headers.NonValidated.Contains("Content-Length")) throw new CallbackFailure("The response has no Content-Length.");
            await response.Content.LoadIntoBufferAsync(MaxAnswer, limit.Token);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(limit.Token);
            using JsonDocument parsed = JsonDocument.Parse(answer);
            return answer;
        }
        catch (JsonException)
        {
            throw new CallbackFailure("Response body is not valid json format.");
        }
        catch (OperationCanceledException)
        {
            throw new CallbackFailure($"Error status : -1. {uri.Authority} did not answer within {Limit.TotalSeconds:0} seconds.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or FormatException)
        {
            throw new CallbackFailure($"Error status : -1. {uri.Authority}: {e.Message}");
        }
    }

    private static Uri Resolve(string url)
    {
        string whole = url.Contains("://", StringComparison.Ordinal) ? url : $"http://{url}";
        if (!Uri.TryCreate(whole, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            throw new CallbackFailure("callbackUrl is no http or https URL.");
        return uri.IsLoopback ? uri : throw new CallbackFailure($"This server calls loopback addresses only, not {uri.Host}.");
    }

    private sealed class CallbackFailure(string message) : Exception(message);
}
