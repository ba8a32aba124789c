namespace SyncAgent.Agent.Cli;

/// <summary>A command cannot go on, for a reason that the user can act on: the text is all that is shown.</summary>
internal sealed class CommandException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>The configuration has mistakes; all are listed, and one that several drives meet once.</summary>
    public static CommandException Configuration(IReadOnlyCollection<string> mistakes)
    {
        List<string> told = [.. mistakes.Distinct(StringComparer.Ordinal)];
        return new(ExitCodes.Configuration, told.Count == 1 ? told[0] : $"{told.Count} mistakes in the configuration:\n  {string.Join("\n  ", told)}");
    }
}
