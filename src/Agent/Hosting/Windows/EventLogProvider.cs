using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>Errors, and nothing less, to the application log of Windows, where an administrator looks for those of services.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class EventLogProvider(string source) : ILoggerProvider
{
    /// <summary>A text of the log has at most so many characters.</summary>
    private const int LongestText = 31_839;

    private readonly nint _log = Advapi32.RegisterEventSource(null, source);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new EventLogger(this);

    /// <summary>Writes an event. What cannot be written there stands in the log file all the same.</summary>
    public void Write(ushort type, int id, string text)
    {
        if (_log == 0) return;
        if (text.Length > LongestText) text = text[..LongestText];
        fixed (char* first = text)
        {
            var strings = stackalloc char*[] { first };
            _ = Advapi32.ReportEvent(_log, type, 0, (uint)id & 0xFFFF, null, 1, 0, strings, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_log != 0) _ = Advapi32.DeregisterEventSource(_log);
    }

    private sealed class EventLogger(EventLogProvider log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) log.Write(Advapi32.EventError, eventId.Id, formatter(state, exception) + (exception is null ? "" : $"\n{exception}"));
        }
    }
}
