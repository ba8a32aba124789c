using System.Reflection;

namespace SyncAgent.Agent.Cli;

/// <summary>Which program this is.</summary>
internal static class OwnVersion
{
    /// <summary>Its version, with the commit behind a plus sign.</summary>
    public static string Text { get; } =
        typeof(OwnVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>The day on which it was built, as its file says.</summary>
    public static DateOnly BuiltOn { get; } = DateOnly.FromDateTime(File.GetLastWriteTimeUtc(OwnFile));

    // In a program of a single file the assembly has none of its own.
    private static string OwnFile => Path.Combine(AppContext.BaseDirectory, "syncagent.dll") is var assembly && File.Exists(assembly) ? assembly : Environment.ProcessPath!;
}
