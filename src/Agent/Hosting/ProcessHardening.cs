using System.Runtime.InteropServices;

namespace SyncAgent.Agent.Hosting;

/// <summary>
/// Keeps the memory of the process, which has keys in it, to itself: no core dumps, and no look into it by other processes of the same user
/// (ptrace, /proc/PID/mem, environ). It costs what a core dump of a crash would tell; debuggers and dotnet-dump need root.
/// </summary>
internal static unsafe partial class ProcessHardening
{
    private const int CoreLimit = 4; // RLIMIT_CORE
    private const int SetDumpable = 4; // PR_SET_DUMPABLE

    /// <summary>Takes effect at once, and is not inherited by other programs that are started but for the limit.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux()) return;
        var none = default(Limit);
        // Neither can be refused: a limit may always be lowered. A kernel that pipes dumps to a program asks PR_SET_DUMPABLE only.
        _ = SetLimit(CoreLimit, &none);
        _ = Control(SetDumpable, 0, 0, 0, 0);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, Limit* limit);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);
}
