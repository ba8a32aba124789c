namespace SyncAgent.DevStore.Tests;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is [ChildServer.Verb, var root]) return await ChildServer.RunAsync(root);
        return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
    }
}
