using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SyncAgent.Tray.Tests.Api;

/// <summary>An agent's status API on a real loopback port, with events that the test writes. It knows the token of its file, or another.</summary>
internal sealed class FakeAgent : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly string _token;
    private readonly bool _knowsToken;
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    private FakeAgent(WebApplication application, bool knowsToken)
    {
        _application = application;
        _knowsToken = knowsToken;
        _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    }

    /// <summary>Requests so far: method, path with the drive that is meant, and whether they showed the token.</summary>
    public ConcurrentQueue<(string Line, bool ShowedToken)> Requests { get; } = new();

    /// <summary>Their methods and paths.</summary>
    public IEnumerable<string> Lines => Requests.Select(request => request.Line);

    /// <summary>Paths that this agent does not have.</summary>
    public HashSet<string> Missing { get; } = [];

    /// <summary>Starts one and writes its <c>agent.json</c>.</summary>
    public static async Task<FakeAgent> StartAsync(string stateFolder, bool knowsToken = true)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var agent = new FakeAgent(application, knowsToken);
        application.Run(agent.AnswerAsync);
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await File.WriteAllTextAsync(
            Path.Combine(stateFolder, "agent.json"), $$"""{"port":{{new Uri(address).Port}},"token":"{{agent._token}}","pid":1}""");
        return agent;
    }

    /// <summary>Writes lines of the event stream.</summary>
    public void Send(string text) => _events.Writer.TryWrite(text);

    /// <summary>Tells an event.</summary>
    public void Tell(string name, string data) => Send($"event: {name}\ndata: {data}\n\n");

    /// <summary>As when it is killed: its file stays.</summary>
    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await _application.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var showed = request.Headers.Authorization == $"Bearer {_token}";
        var mount = request.Query["mount"] is [{ } mountPoint] ? $"?mount={mountPoint}" : "";
        Requests.Enqueue(($"{request.Method} {request.Path}{mount}", showed));
        if (request.Path == "/v1/hello")
        {
            var key = _knowsToken ? _token : new string('0', 64);
            var proof = HMACSHA256.HashData(Convert.FromHexString(key), Convert.FromHexString(request.Query["nonce"]!));
            await context.Response.WriteAsync($$"""{"proof":"{{Convert.ToHexStringLower(proof)}}"}""");
            return;
        }

        if (!showed || Missing.Contains(request.Path!))
        {
            context.Response.StatusCode = showed ? 404 : 401;
            return;
        }

        switch (request.Path.Value)
        {
            case "/v1/events":
                context.Response.ContentType = "text/event-stream";
                await context.Response.Body.FlushAsync();
                await foreach (var text in _events.Reader.ReadAllAsync(context.RequestAborted))
                {
                    await context.Response.WriteAsync(text);
                    await context.Response.Body.FlushAsync();
                }

                break;
            case "/v1/page-tokens":
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("""{"token":"t","url":"http://127.0.0.1:1/open?t=t"}""");
                break;
            case "/v1/resume":
                context.Response.StatusCode = 409;
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("""{"error":"not now: the disk is full","exitCode":1}""");
                break;
            default:
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{}");
                break;
        }
    }
}
