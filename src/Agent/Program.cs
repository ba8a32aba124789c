using SyncAgent.Agent.Cli;

namespace SyncAgent.Agent;

/// <summary>The program.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments) => CommandLine.RunAsync(arguments, CliContext.OfProcess());
}
