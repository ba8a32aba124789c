using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Monitoring;

/// <summary>
/// <c>/metrics</c> and <c>/v1/health</c> for monitoring tools: on a port of the loopback address that the user chose, without a token, and
/// with nothing else behind it.
/// </summary>
internal sealed partial class MetricsServer : IAsyncDisposable
{
    private readonly LoopbackServer _server;

    private MetricsServer(LoopbackServer server) => _server = server;

    /// <summary>Where it listens.</summary>
    public Uri Address => _server.Address;

    /// <summary>Starts it; null, and a line in the log, when the port cannot be had.</summary>
    public static async Task<MetricsServer?> TryStartAsync(int port, MetricsPage page, AgentHost host, ILoggerFactory loggers, ILogger logger)
    {
        try
        {
            return new MetricsServer(await LoopbackServer.StartAsync(port, loggers, context => AnswerAsync(context, page, host)));
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            LogNoPort(logger, port, e.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, MetricsPage page, AgentHost host)
    {
        var (request, response) = (context.Request, context.Response);
        // As at the status API: no web page reads them, under whatever name it finds this port.
        if (request.Headers.ContainsKey("Origin")) response.StatusCode = StatusCodes.Status403Forbidden;
        else if (!HttpMethods.IsGet(request.Method)) response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        else if (request.Path == "/metrics") return WriteAsync(context, page);
        else if (request.Path == "/v1/health") response.StatusCode = host.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        else response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static Task WriteAsync(HttpContext context, MetricsPage page)
    {
        if (page.Read() is not { } text)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }

        context.Response.ContentType = PrometheusText.MediaType;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    [LoggerMessage(5112, LogLevel.Error, "the metrics cannot be read: port {Port} cannot be had ({Message}); choose another \"metrics.port\" and start the agent again")]
    private static partial void LogNoPort(ILogger logger, int port, string message);
}
