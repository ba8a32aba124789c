using System.Reflection;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>What the tests run, and whether it can run here.</summary>
internal static class Places
{
    /// <summary>The program under test: the one that was built with this project, or another (a package's, say) that
    /// SYNCAGENT_EXE names.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("SYNCAGENT_EXE") is { Length: > 0 } given ? given : Built("SyncAgentProgram");

    /// <summary>The program that breaks the agent on purpose (tests/Torture); only where the project builds it.</summary>
    public static string Torture => Built("TortureProgram");

    /// <summary>The program that measures (bench); only where the project builds it.</summary>
    public static string Bench => Built("BenchProgram");

    /// <summary>Scripts of the official client for Node.</summary>
    public static string Conformance { get; } = Built("ConformanceFolder");

    /// <summary>The checkout.</summary>
    public static string Repository { get; } = Built("RepositoryRoot");

    /// <summary>"Debug" or "Release": how this was built.</summary>
    public static string Configuration { get; } = Built("Configuration");

    /// <summary>Whether the long forms of tests are wanted (<c>test.sh --all</c>).</summary>
    public static bool Full { get; } =
        Environment.GetEnvironmentVariable("SYNCAGENT_TEST_ALL") == "1" || Environment.GetEnvironmentVariable("SYNCAGENT_E2E_FULL") == "1";

    /// <summary>Whether a drive can be mounted by this process.</summary>
    public static bool MayMount { get; } = Environment.UserName == "root" && File.Exists("/dev/fuse");

    /// <summary>Skips a test by name where it cannot run.</summary>
    public static void SkipUnlessMountable()
    {
        Assert.SkipUnless(MayMount, "mounting in a test needs root and /dev/fuse");
        Assert.SkipUnless(Directory.Exists(Path.Combine(Conformance, "node_modules", "ali-oss")), "needs npm ci in tests/conformance");
        SkipUnlessInstalled("node", "python3");
    }

    /// <summary>Skips a test where programs are missing.</summary>
    public static void SkipUnlessInstalled(params string[] programs)
    {
        var missing = programs.Where(program => !IsInstalled(program));
        Assert.SkipWhen(missing.Any(), $"needs {string.Join(", ", missing)}");
    }

    /// <summary>Whether a program is there.</summary>
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string Built(string name) =>
        typeof(Places).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == name).Value!;
}
