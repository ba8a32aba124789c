using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Cli;

/// <summary>Shows the warnings and errors of a command's engine to whoever ran it, as the command's own: one line each, never a stack.</summary>
/// <param name="error">Standard error.</param>
internal sealed class WarningLog<T>(TextWriter error) : ILogger<T>
{
    // Parts run in parallel.
    private readonly TextWriter _error = TextWriter.Synchronized(error);

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) _error.WriteLine($"syncagent: {formatter(state, exception)}");
    }
}
