using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
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
    private const long MaxBody = 64 << 10;

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
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(new QuietLoggers(loggers));
        builder.Services.AddSingleton<ILoggerFactory>(provider => provider.GetRequiredService<QuietLoggers>());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
        });
        var application = builder.Build();
        var page = new PageGate(routes);
        application.Run(context => AnswerAsync(context, routes, page));
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
        if (!IsOurHost(request))
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

    private static bool IsOurHost(HttpRequest request) =>
        request.Host.Host is "127.0.0.1" or "localhost" && request.Host.Port == request.HttpContext.Connection.LocalPort;

    /// <summary>Of the web server's own words only warnings are of interest.</summary>
    private sealed class QuietLoggers(ILoggerFactory inner) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new WarningLogger(inner.CreateLogger(categoryName));

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The agent owns its loggers.");

        public void Dispose()
        {
            // the agent's own factory outlives the server
        }

        private sealed class WarningLogger(ILogger logger) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && logger.IsEnabled(logLevel);

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel)) logger.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
