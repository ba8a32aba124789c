using System.Diagnostics;

namespace SyncAgent.Torture.Support;

/// <summary>
/// Keeps this program's own forks apart from its writers' calls. A child has all descriptors until it executes its program, and the kernel
/// flushes each one that is closed then, as at any close: a file would count as closed in the middle of being written, and a kill at that
/// moment would rightly leave half of it.
/// </summary>
internal static class Forks
{
    private static readonly ReaderWriterLockSlim Turns = new();

    /// <summary>Starts a program between two calls of the writers.</summary>
    public static Process Start(ProcessStartInfo program)
    {
        Turns.EnterWriteLock();
        try
        {
            return Process.Start(program)!;
        }
        finally
        {
            Turns.ExitWriteLock();
        }
    }

    /// <summary>Runs what opens, writes and closes; no program is started meanwhile.</summary>
    public static void Without(Action action)
    {
        Turns.EnterReadLock();
        try
        {
            action();
        }
        finally
        {
            Turns.ExitReadLock();
        }
    }
}
