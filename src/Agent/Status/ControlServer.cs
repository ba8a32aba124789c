using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Status;

/// <summary>
/// The agent's HTTP API on a random loopback port: what command line, tray and page talk to. Requests need the token of this run, or come from
/// the page of a browser that was let in (<see cref="PageGate"/>); those for another host (DNS rebinding) or from another web page are
/// refused before anything else.
/// </summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private const int AnyPort = 0;

    private readonly LoopbackServer _server;
    private readonly string _stateFolder;

    private ControlServer(LoopbackServer server, string stateFolder, string token)
    {
        _server = server;
        _stateFolder = stateFolder;
        Address = new AgentAddress(server.Address.Port, token, Environment.ProcessId);
    }

    /// <summary>Where it listens.</summary>
    public AgentAddress Address { get; }

    /// <summary>Starts the server. Nobody knows where it listens before <see cref="Publish"/>.</summary>
    public static async Task<ControlServer> StartAsync(string stateFolder, ControlRoutes routes, ILoggerFactory loggers)
    {
        var page = new PageGate(routes);
        return new ControlServer(await LoopbackServer.StartAsync(AnyPort, loggers, context => AnswerAsync(context, routes, page)), stateFolder, routes.Token);
    }

    /// <summary>Tells clients where the server is.</summary>
    public void Publish() => AgentFile.Write(_stateFolder, Address);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        AgentFile.Delete(_stateFolder);
        return _server.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context, ControlRoutes routes, PageGate page)
    {
        if (await page.TryAnswerAsync(context)) return;

        // Programs send no Origin: whoever does is a web page, and those come by the page's own way or not at all.
        var request = context.Request;
        if (request.Headers.ContainsKey("Origin")) context.Response.StatusCode = StatusCodes.Status403Forbidden;
        else if (routes.IsPublic(request) || ControlProof.AreEqual(request.Headers.Authorization.ToString(), $"Bearer {routes.Token}")) await routes.AnswerAsync(context);
        else context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }
}
