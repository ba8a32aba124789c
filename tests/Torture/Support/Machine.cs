using System.Reflection;

namespace SyncAgent.Torture.Support;

/// <summary>What the program under test is, and whether it can be tested here.</summary>
internal static class Machine
{
    /// <summary>The agent that was built beside this program, or another that SYNCAGENT_EXE names.</summary>
    public static string Agent { get; } = Environment.GetEnvironmentVariable("SYNCAGENT_EXE") is { Length: > 0 } given ? given : Built("SyncAgentProgram");

    /// <summary>The checkout.</summary>
    public static string Repository { get; } = Built("RepositoryRoot");

    /// <summary>What is missing, or null.</summary>
    public static string? WhyNot()
    {
        if (!OperatingSystem.IsLinux()) return "it mounts drives on Linux";
        if (Environment.UserName != "root" || !File.Exists("/dev/fuse")) return "mounting needs root and /dev/fuse";
        return null;
    }

    private static string Built(string name) =>
        typeof(Machine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == name).Value!;
}
