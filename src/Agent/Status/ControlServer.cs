using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
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

    /// <summary>How long requests under way may take to end when the agent does.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly string _stateFolder;

    private ControlServer(WebApplication application, string stateFolder, AgentAddress address)
    {
        _application = application;
        _stateFolder = stateFolder;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public AgentAddress Address { get; }

    /// <summary>Starts the server. Nobody knows where it listens before <see cref="Publish"/>.</summary>
    public static async Task<ControlServer> StartAsync(string stateFolder, ControlRoutes routes, ILoggerFactory loggers)
    {
        var page = new PageGate(routes);
        var application = LoopbackServer.Build(AnyPort, loggers, context => AnswerAsync(context, routes, page));
        await application.StartAsync();

        var listening = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var address = new AgentAddress(new Uri(listening.First()).Port, routes.Token, Environment.ProcessId);
        return new ControlServer(application, stateFolder, address);
    }

    /// <summary>Tells clients where the server is.</summary>
    public void Publish() => AgentFile.Write(_stateFolder, Address);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AgentFile.Delete(_stateFolder);
        // Disposing alone would cut the connection on which "it is unmounted" is just being told.
        using var patience = new CancellationTokenSource(Farewell);
        try
        {
            await _application.StopAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // a client that does not take its answer is cut off
        }

        await _application.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context, ControlRoutes routes, PageGate page)
    {
        var request = context.Request;
        if (!LoopbackServer.IsOurHost(request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (await page.TryAnswerAsync(context)) return;

        // Programs send no Origin: whoever does is a web page, and those come by the page's own way or not at all.
        if (request.Headers.ContainsKey("Origin")) context.Response.StatusCode = StatusCodes.Status403Forbidden;
        else if (routes.IsPublic(request) || ControlProof.AreEqual(request.Headers.Authorization.ToString(), $"Bearer {routes.Token}")) await routes.AnswerAsync(context);
        else context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }
}
