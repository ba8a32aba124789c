namespace SyncAgent.Fs.Windows;

/// <summary>Letters and folders as the user writes them.</summary>
internal static class MountPoints
{
    /// <summary>The form that WinFsp takes: "S:", a folder without a separator at its end, or null for the next free letter.</summary>
    /// <exception cref="WindowsMountException">It is neither.</exception>
    public static string? Normalize(string? text)
    {
        if (text is null or "" or "*") return null;
        var plain = text.Replace('/', '\\').TrimEnd('\\');
        if (plain.Length == 0 || !char.IsAsciiLetter(plain[0])) throw Bad(text);
        if (plain.Length == 1) return char.ToUpperInvariant(plain[0]) + ":";
        if (plain[1] != ':') throw Bad(text);
        if (plain.Length == 2) return plain.ToUpperInvariant();
        if (plain[2] != '\\' || plain.Length == 3) throw Bad(text);
        if (Directory.Exists(plain) || File.Exists(plain))
        {
            throw new WindowsMountException(
                WindowsMountFailure.MountPointInUse, $"{plain} exists already.", "Name a folder that does not exist yet: WinFsp makes it, and removes it with the drive.");
        }

        return plain;
    }

    private static WindowsMountException Bad(string text) => new(
        WindowsMountFailure.BadMountPoint,
        $"\"{text}\" is no mount point.",
        "Give a drive letter such as S:, the full path of a folder that does not exist yet such as C:\\Drives\\bucket, or * for the next free letter.");
}
