using System.Globalization;

namespace SyncAgent.Agent.Monitoring;

/// <summary>What the runtime's own meter does not tell of this process. Linux only: proc(5).</summary>
internal static class ProcessFigures
{
    private const string LimitName = "Max open files";

    /// <summary>Threads, the runtime's own included.</summary>
    public static long CountThreads() => Directory.EnumerateFileSystemEntries("/proc/self/task").LongCount();

    /// <summary>Open descriptors; the one that counts is among them.</summary>
    public static long CountDescriptors() => Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount();

    /// <summary>The soft limit of open descriptors; <see cref="long.MaxValue"/> for none.</summary>
    public static long ReadDescriptorLimit() => FindLimit(File.ReadLines("/proc/self/limits")) is [var soft, ..] && long.TryParse(soft, CultureInfo.InvariantCulture, out var limit)
        ? limit
        : long.MaxValue;

    /// <summary>Soft and hard limit of open files, as a "limits" file of proc(5) has them; empty when it has none.</summary>
    public static string[] FindLimit(IEnumerable<string> limits) =>
        limits.FirstOrDefault(line => line.StartsWith(LimitName, StringComparison.Ordinal))?[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
