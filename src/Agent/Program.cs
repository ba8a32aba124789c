using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent;

/// <summary>The program.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments)
    {
        ProcessHardening.Apply();
        return CommandLine.RunAsync(arguments, CliContext.OfProcess());
    }
}
