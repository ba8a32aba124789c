namespace SyncAgent.Journal;

/// <summary>Which run of the machine this is: what was written in it and not made durable is still there after a kill.</summary>
public static class MachineBoot
{
    /// <summary>Names another run than the machine's own to a process: tests of power cuts cannot boot the machine.</summary>
    public const string Variable = "SYNCAGENT_BOOT_ID";

    private const string File = "/proc/sys/kernel/random/boot_id";

    /// <summary>The kernel's id of this run, or "unknown" where it has none.</summary>
    public static string Id { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given
        : System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File).Trim() : "unknown";
}
