using System.Runtime.CompilerServices;

namespace SyncAgent.Fs.Windows.Tests;

/// <summary>State folders are in memory where there is such a folder: nothing here tests the disk.</summary>
internal static class Scratch
{
    private const string InMemory = "/dev/shm";

    [ModuleInitializer]
    public static void Choose()
    {
        if (Directory.Exists(InMemory)) Environment.SetEnvironmentVariable("TMPDIR", InMemory);
    }
}
