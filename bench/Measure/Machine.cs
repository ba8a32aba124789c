using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SyncAgent.Bench.Measure;

/// <summary>What everything runs on.</summary>
internal static partial class Machine
{
    /// <summary>For <see cref="DropCaches"/>.</summary>
    public const string Names = "2";

    private const string NamesAndContents = "3";
    private const string Caches = "/proc/sys/vm/drop_caches";

    /// <summary>Processor, cores, memory and kernel, for the report.</summary>
    public static string Describe()
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[1] ?? RuntimeInformation.ProcessArchitecture.ToString();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        return string.Create(CultureInfo.InvariantCulture, $"{processor}, {Environment.ProcessorCount} cores, {memory} GiB; Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}; {RuntimeInformation.FrameworkDescription}");
    }

    /// <summary>Runnable processes, averaged over the last minute.</summary>
    public static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Kind of the file system that a folder is on.</summary>
    public static string FileSystem(string folder) => Said("findmnt", "-no", "FSTYPE", "-T", folder);

    /// <summary>Waits until nothing that was written before is still on its way to the disk.</summary>
    public static void Settle() => sync();

    /// <summary>Whether the kernel's caches can be dropped.</summary>
    public static bool MayDropCaches => Environment.UserName == "root";

    /// <summary>Drops the kernel's caches, for all programs of the machine.</summary>
    /// <param name="what">Names and attributes, or these and contents.</param>
    public static void DropCaches(string what = NamesAndContents)
    {
        sync();
        File.WriteAllText(Caches, what);
    }

    /// <summary>A program on the PATH. Debian's own comes first: a version manager's wrapper costs time of its own.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Prepend("/usr/bin").Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>The first line that a program says.</summary>
    public static string Said(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("AWS_CA_BUNDLE"); // some versions of rclone do not start with it
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (said.Length > 0 ? said : errors.Result).Split('\n')[0].Trim();
    }

    [LibraryImport("libc")]
    private static partial void sync();
}
