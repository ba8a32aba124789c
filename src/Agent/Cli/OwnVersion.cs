using System.Reflection;

namespace SyncAgent.Agent.Cli;

/// <summary>Which program this is.</summary>
internal static class OwnVersion
{
    /// <summary>Its version, with the commit behind a plus sign.</summary>
    public static string Text { get; } =
        typeof(OwnVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>The day on which it was built, as its file says.</summary>
    public static DateOnly BuiltOn { get; } = DateOnly.FromDateTime(File.GetLastWriteTimeUtc(Path.Combine(AppContext.BaseDirectory, "syncagent.dll")));
}
