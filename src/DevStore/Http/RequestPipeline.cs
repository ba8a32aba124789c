using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace SyncAgent.DevStore;

/// <summary>The way of every request: parse, route, check the signature, draw faults, carry out, log, answer.</summary>
internal sealed class RequestPipeline(
    DevStoreOptions options, Router router, Authenticator authenticator, FaultPlan faults, RequestLog log, Func<string, Task> forgetUpload,
    ControlApi control, ILogger logger, CancellationToken stopping) : IHttpApplication<HttpContext>
{
    private const int BufferBytes = 128 << 10;
    private readonly long _idBase = options.TimeProvider.GetUtcNow().ToUnixTimeSeconds();

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        if (control.Claims(context)) await control.HandleAsync(context);
        else await ServeAsync(context);
    }

    private async Task ServeAsync(HttpContext http)
    {
        bool hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        var body = new RequestBody(http.Request.Body, hasBody ? http.Request.ContentLength : 0, ending.Token);
        var request = new OssRequest { Method = http.Request.Method };
        var operation = new Operation("Unknown", _ => throw OssErrors.InvalidArgument("Never routed."));
        OssException? refused = null;
        try
        {
            request = RequestParser.Parse(http, options.Cnames, body);
            operation = router.Route(request);
        }
        catch (OssException e)
        {
            refused = e;
        }

        var exchange = new Exchange(http, request, operation, log, options.TimeProvider, _idBase);
        try
        {
            using OssResponse response = refused is null
                ? await AnswerAsync(exchange, body, ending.Token)
                : exchange.Error(refused);
            await SendAsync(exchange, response, body.Faults, ending.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionResetException or BadHttpRequestException)
        {
            // The client is gone, sent nonsense, or is to see a cut connection: no answer can or should reach it.
            logger.LogDebug(e, "{Operation} ended without an answer", operation.Name);
            http.Abort();
        }
        finally
        {
            exchange.Finish(replied: false);
        }
    }

    private async Task<OssResponse> AnswerAsync(Exchange exchange, RequestBody body, CancellationToken ct)
    {
        try
        {
            authenticator.Check(exchange.Request);
            RequestFaults drawn = body.Faults = faults.Draw(exchange.Operation.Name, exchange.Request);
            exchange.Faults = drawn.Kinds;
            await drawn.DelayAsync(ct);
            if (drawn.Has(FaultKind.ResetBeforeBody)) throw new ConnectionCutException();
            if (drawn.Has(FaultKind.Hang)) await HangAsync(body, ct);
            if (drawn.Error is { } ordered) throw ordered;
            if (drawn.Has(FaultKind.VanishUpload) && exchange.Request.UploadId is { } upload) await forgetUpload(upload);
            OssResponse response = await exchange.Operation.RunAsync(exchange.Request);
            drawn.ApplyTo(response);
            return response;
        }
        catch (OssException e)
        {
            return exchange.Error(e);
        }
        catch (Exception e) when (e is not (OperationCanceledException or ConnectionCutException or ConnectionResetException or BadHttpRequestException))
        {
            logger.LogError(e, "{Operation} failed unexpectedly", exchange.Operation.Name);
            return exchange.Error(new OssException(500, "InternalError", "We encountered an internal error. Please try again."));
        }
    }

    private static async Task HangAsync(RequestBody body, CancellationToken ct)
    {
        await body.DiscardAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, ct);
    }

    private static async Task SendAsync(Exchange exchange, OssResponse response, RequestFaults drawn, CancellationToken ct)
    {
        exchange.Decide(response);
        if (drawn.Has(FaultKind.LoseReply)) throw new ConnectionCutException();
        HttpResponse http = exchange.Http.Response;
        http.StatusCode = response.Status;
        foreach ((string name, string value) in response.Headers) http.Headers[name] = value;
        http.Headers.Date = exchange.Now.ToRfc1123();
        http.Headers.Server = "SyncAgent-DevStore";
        http.Headers["x-oss-request-id"] = exchange.RequestId;
        if (response.Status is not (204 or 304)) http.ContentLength = response.DeclaredLength ?? response.Length;
        if (response.Length == 0)
        {
            exchange.Finish(replied: true);
            await http.CompleteAsync();
            return;
        }

        using IMemoryOwner<byte> buffer = MemoryPool<byte>.Shared.Rent(BufferBytes);
        await http.StartAsync(ct);
        long sent = 0;
        while (sent < response.Length)
        {
            await http.Body.FlushAsync(ct);
            Memory<byte> chunk = buffer.Memory[..(int)Math.Min(BufferBytes, drawn.AllowedBeforeAnswerReset(sent))];
            chunk = chunk[..Fill(response, sent, chunk.Span)];
            drawn.CorruptAnswer(sent, chunk.Span);
            await drawn.ThrottleAsync(chunk.Length, ct);
            sent += chunk.Length;
            exchange.BytesOut = sent;
            // Before the last bytes leave: whoever has the whole answer finds the request in the log.
            if (sent == response.Length) exchange.Finish(replied: true);
            await http.Body.WriteAsync(chunk, ct);
        }
    }

    private static int Fill(OssResponse response, long position, Span<byte> buffer)
    {
        if (response.Content is { } content) return content.Read(buffer);
        ReadOnlySpan<byte> rest = response.Body.AsSpan((int)position);
        int length = Math.Min(rest.Length, buffer.Length);
        rest[..length].CopyTo(buffer);
        return length;
    }
}
