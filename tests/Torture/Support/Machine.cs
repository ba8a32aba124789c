using System.Reflection;

namespace SyncAgent.Torture.Support;

/// <summary>What the program under test is, and whether it can be tested here.</summary>
internal static class Machine
{
    private static readonly string[] Programs = ["mkfs.ext4", "mount", "umount"];

    /// <summary>The agent that was built beside this program, or another that SYNCAGENT_EXE names.</summary>
    public static string Agent { get; } = Environment.GetEnvironmentVariable("SYNCAGENT_EXE") is { Length: > 0 } given ? given : Built("SyncAgentProgram");

    /// <summary>The checkout.</summary>
    public static string Repository { get; } = Built("RepositoryRoot");

    /// <summary>What is missing, or null.</summary>
    public static string? WhyNot()
    {
        if (!OperatingSystem.IsLinux()) return "it mounts drives on Linux";
        if (Environment.UserName != "root" || !File.Exists("/dev/fuse")) return "mounting needs root and /dev/fuse";
        if (!File.Exists("/dev/loop-control")) return "a small disk of its own needs loop devices";
        return Programs.FirstOrDefault(program => !IsInstalled(program)) is { } missing ? $"{missing} is not installed" : null;
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string Built(string name) =>
        typeof(Machine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == name).Value!;
}
