using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Fs.Linux.Tests.Doubles;
using Xunit.Runner.InProc.SystemConsole;

namespace SyncAgent.Fs.Linux.Tests;

/// <summary>Runs the tests; or, as <c>mount DIR</c>, serves a drive in a process of its own: writes "mounted", and unmounts when
/// its standard input ends.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is not ["mount", var directory, ..]) return await ConsoleRunner.Run(args);
        var options = new FuseMountOptions
        {
            Subtype = "syncagent-test",
            AllowOther = args.Contains("allow-other"),
            DirectWrites = args.Contains("direct-writes"),
        };
        try
        {
            await using var session = FuseSession.Mount(directory, new MemoryFileSystem(), options, NullLogger.Instance);
            Console.WriteLine("mounted");
            while (await Console.In.ReadLineAsync() is not null)
            {
            }

            Console.WriteLine(await session.UnmountAsync(lazyIfBusy: false));
            return 0;
        }
        catch (FuseException e)
        {
            Console.WriteLine($"{e.Failure}: {e.Message}");
            return 1;
        }
    }
}
