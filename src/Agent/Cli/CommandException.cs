namespace SyncAgent.Agent.Cli;

/// <summary>A command cannot go on, for a reason that the user can act on: the text is all that is shown.</summary>
internal sealed class CommandException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>The configuration has mistakes; all are listed.</summary>
    public static CommandException Configuration(IReadOnlyCollection<string> mistakes) => new(
        ExitCodes.Configuration,
        mistakes.Count == 1 ? mistakes.First() : $"{mistakes.Count} mistakes in the configuration:\n  {string.Join("\n  ", mistakes)}");
}
