using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace SyncAgent.Fs.Linux;

/// <summary>A line of /proc/self/mountinfo (proc(5)).</summary>
/// <param name="Id">Of the mount, unique at any one time.</param>
/// <param name="Device">"major:minor" of the file system; two mounts of one file system share it.</param>
/// <param name="MountPoint">Absolute path.</param>
/// <param name="FileSystemType">For example "fuse.syncagent".</param>
/// <param name="Source">For example the bucket.</param>
public sealed record LinuxMount(int Id, string Device, string MountPoint, string FileSystemType, string Source);

/// <summary>What is mounted in this process's view of the tree. Reads /proc only, so a dead or hanging mount cannot stop it.</summary>
public static class LinuxMounts
{
    private const string MountInfo = "/proc/self/mountinfo";

    /// <summary>Whether this process mounts by system call; if not, fusermount3 does it.</summary>
    public static bool MayMountDirectly => Session.Mounters.MayMount(File.ReadLines("/proc/self/status"));

    /// <summary>The topmost mount at exactly this absolute path.</summary>
    public static bool TryFind(string mountPoint, [NotNullWhen(true)] out LinuxMount? mount)
    {
        // Later lines are mounted later, so the last at a path is on top.
        mount = Read().LastOrDefault(candidate => candidate.MountPoint == mountPoint);
        return mount is not null;
    }

    /// <summary>All mounts, oldest first.</summary>
    public static IReadOnlyList<LinuxMount> Read() =>
        [.. File.ReadLines(MountInfo).Select(Parse).OfType<LinuxMount>()];

    /// <summary>Parses a line; null when it is not one.</summary>
    internal static LinuxMount? Parse(string line)
    {
        // 36 35 98:0 /root /mount/point rw,noatime [optional fields] - type source super-options
        var fields = line.Split(' ');
        var separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (separator < 0 || separator + 2 >= fields.Length) return null;
        return int.TryParse(fields[0], CultureInfo.InvariantCulture, out var id)
            ? new LinuxMount(id, fields[2], Unescape(fields[4]), Unescape(fields[separator + 1]), Unescape(fields[separator + 2]))
            : null;
    }

    /// <summary>The kernel writes space, tab, line feed, backslash and # as a backslash and three octal digits of a byte.</summary>
    internal static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\\' && i + 3 < bytes.Length && IsOctal(bytes[i + 1]) && IsOctal(bytes[i + 2]) && IsOctal(bytes[i + 3]))
            {
                bytes[length++] = (byte)(((bytes[i + 1] - '0') << 6) | ((bytes[i + 2] - '0') << 3) | (bytes[i + 3] - '0'));
                i += 3;
            }
            else
            {
                bytes[length++] = bytes[i];
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);

        static bool IsOctal(byte value) => value is >= (byte)'0' and <= (byte)'7';
    }
}
