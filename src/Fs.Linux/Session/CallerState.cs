using System.Globalization;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>What /proc tells about a thread that waits for us.</summary>
internal static class CallerState
{
    private const ulong SigKillBit = 1UL << (9 - 1);

    /// <summary>Whether a thread has a deadly signal pending: the kernel turns each into a SIGKILL for every thread of the
    /// process. Also true for one that is gone, or cannot be seen (another PID namespace).</summary>
    public static bool IsDying(uint thread)
    {
        if (thread == 0) return true;
        try
        {
            return IsDying(File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/status")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>The same from the lines of a status file.</summary>
    internal static bool IsDying(IEnumerable<string> status) => status.Any(line =>
        (line.StartsWith("SigPnd:", StringComparison.Ordinal) || line.StartsWith("ShdPnd:", StringComparison.Ordinal))
        && ulong.TryParse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var pending)
        && (pending & SigKillBit) != 0);
}
