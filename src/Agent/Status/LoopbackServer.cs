using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Status;

/// <summary>A small web server that only this machine reaches. What it answers is kept by nobody; requests for another host than this machine, a
/// name that somebody points at 127.0.0.1 (DNS rebinding), are refused before anything else.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private const long MaxBody = 64 << 10;

    /// <summary>How long requests under way may take to end when the server does.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;

    private LoopbackServer(WebApplication application)
    {
        _application = application;
        Address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts one.</summary>
    /// <param name="port">Port of 127.0.0.1; 0 for any.</param>
    /// <param name="loggers">Told of the server's own troubles.</param>
    /// <param name="answer">Answers all requests.</param>
    /// <exception cref="IOException">The port cannot be had.</exception>
    public static async Task<LoopbackServer> StartAsync(int port, ILoggerFactory loggers, RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(new QuietLoggers(loggers));
        builder.Services.AddSingleton<ILoggerFactory>(provider => provider.GetRequiredService<QuietLoggers>());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
        });
        var application = builder.Build();
        application.Run(context => AnswerAsync(context, answer));
        try
        {
            await application.StartAsync();
            return new LoopbackServer(application);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
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

    private static Task AnswerAsync(HttpContext context, RequestDelegate answer)
    {
        if (!IsOurHost(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return answer(context);
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
