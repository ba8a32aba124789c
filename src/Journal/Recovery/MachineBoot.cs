namespace SyncAgent.Journal;

/// <summary>Which run of the machine this is: what was written in it and not made durable is still there after a kill.</summary>
public static class MachineBoot
{
    private const string File = "/proc/sys/kernel/random/boot_id";

    /// <summary>The kernel's id of this run, or "unknown" where it has none.</summary>
    public static string Id { get; } = System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File).Trim() : "unknown";
}
