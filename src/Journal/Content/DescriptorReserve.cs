using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>
/// Keeps some of this process's file descriptors free: a program that opens files without end must not stop group commits, uploads and
/// the runtime itself, which ends the process when it gets none (seen). The kernel gives out the lowest free number, so a high one
/// tells how many are in use.
/// </summary>
internal static partial class DescriptorReserve
{
    private const int Wanted = 1024;
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    private static readonly long Usable = FindUsable();

    /// <summary>Whether a file that was just opened leaves the reserve untouched.</summary>
    public static bool Leaves(SafeFileHandle file) => file.DangerousGetHandle() < Usable;

    // The runtime has raised the soft limit to the hard one at its start.
    private static long FindUsable()
    {
        if (GetLimit(OpenFiles, out var limit) != 0 || limit.Current > int.MaxValue) return long.MaxValue;
        var all = (long)limit.Current;
        return all - Math.Min(Wanted, all / 4);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Current;
        public ulong Maximum;
    }
}
