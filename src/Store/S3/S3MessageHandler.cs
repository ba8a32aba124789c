using System.Net.Http.Headers;

namespace SyncAgent.Store;

/// <summary>
/// Stands between the vendor's client and the connection. Bodies go out through <see cref="BodyContent"/>, which holds the last
/// bytes back until all have proved right; every call that changes something has a body, if only an empty one, because the HTTP handler
/// silently repeats requests without a body when a kept connection breaks; answers are read with the stall guard and whole, so that the
/// client never blocks on the network while it parses.
/// </summary>
internal sealed class S3MessageHandler(ConnectionOptions options, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>Bodies from this size on wait for the server's leave (100-continue): a refusal then costs a round trip,
    /// not the body, and is not mistaken for a broken connection.</summary>
    private const long AskFirstFrom = 1024 * 1024;

    /// <summary>The longest answer that is not an object.</summary>
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var attempt = S3Attempt.Current;
        attempt.Failure = null;
        HttpResponseMessage? response = null;
        try
        {
            if (attempt.Call.ChangesState) await ReplaceBodyAsync(request, attempt, cancellationToken);
            attempt.Guard.Arm(options.ConnectTimeout + options.AnswerTimeout(attempt.Call.Operation, attempt.Call.Content?.Length ?? 0));
            response = await base.SendAsync(request, cancellationToken);
            attempt.Guard.Pause();
            attempt.Answered(response);
            await ReplaceAnswerAsync(response, attempt);
            return response;
        }
        catch (Exception e) when (e is StoreException || TransportFailures.IsTransport(e))
        {
            // The client wraps what it does not know; the transport wants what it was.
            attempt.Failure = e;
            response?.Dispose();
            throw;
        }
    }

    private async Task ReplaceBodyAsync(HttpRequestMessage request, S3Attempt attempt, CancellationToken cancellationToken)
    {
        var given = request.Content;
        var content = attempt.Call.Content
            ?? (given is null ? BytesContent.Empty : new BytesContent(await given.ReadAsByteArrayAsync(cancellationToken)));
        var body = new BodyContent(content, attempt.Guard, options, attempt.Call.Operation);
        if (given is not null) CopyHeaders(given.Headers, body.Headers);
        request.Content = attempt.Body = body;
        request.Headers.ExpectContinue = content.Length >= AskFirstFrom;
    }

    private async Task ReplaceAnswerAsync(HttpResponseMessage response, S3Attempt attempt)
    {
        var given = response.Content;
        var length = given.Headers.ContentLength;
        var isHead = response.RequestMessage?.Method == HttpMethod.Head;
        var body = new ResponseStream(
            await given.ReadAsStreamAsync(attempt.Guard.Token), attempt.Guard, options.StallTimeout, attempt.Call.Operation, isHead ? 0 : length,
            crc64: null, attempt.Call.ChangesState);
        if (attempt.Call.IsDownload && response.IsSuccessStatusCode)
        {
            response.Content = new StreamContent(body);
            // The client takes every ETag without a hyphen for an MD5, and fails on those that are none.
            response.Headers.Remove("ETag");
        }
        else
        {
            var answer = await ReadAllAsync(body, attempt);
            if (XmlGuard.FindFault(answer) is { } fault) throw attempt.Unreadable(fault);
            response.Content = new ByteArrayContent(answer);
        }

        CopyHeaders(given.Headers, response.Content.Headers);
        if (isHead || attempt.Call.IsDownload) response.Content.Headers.ContentLength = length;
    }

    private static async Task<byte[]> ReadAllAsync(ResponseStream body, S3Attempt attempt)
    {
        await using (body)
        {
            using var all = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int count; (count = await body.ReadAsync(buffer, attempt.Guard.Caller)) > 0;)
            {
                if (all.Length + count > MaxAnswerBytes) throw attempt.Unreadable($"it is longer than {MaxAnswerBytes} bytes");
                all.Write(buffer, 0, count);
            }

            return all.ToArray();
        }
    }

    private static void CopyHeaders(HttpContentHeaders from, HttpContentHeaders to)
    {
        foreach (var (name, values) in from.NonValidated)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) to.TryAddWithoutValidation(name, (IEnumerable<string>)values);
        }
    }
}
