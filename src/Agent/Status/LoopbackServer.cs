using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Status;

/// <summary>A small web server that only this machine reaches.</summary>
internal static class LoopbackServer
{
    private const long MaxBody = 64 << 10;

    /// <summary>Makes one; nothing listens before it is started.</summary>
    /// <param name="port">Port of 127.0.0.1; 0 for any.</param>
    /// <param name="loggers">Told of the server's own troubles.</param>
    /// <param name="answer">Answers all requests.</param>
    public static WebApplication Build(int port, ILoggerFactory loggers, RequestDelegate answer)
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
        application.Run(answer);
        return application;
    }

    /// <summary>Whether a request names this machine: a name that somebody points at 127.0.0.1 (DNS rebinding) does not.</summary>
    public static bool IsOurHost(HttpRequest request) =>
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
