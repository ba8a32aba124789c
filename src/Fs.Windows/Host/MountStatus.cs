namespace SyncAgent.Fs.Windows;

/// <summary>What the statuses mean by which mounting fails (MS-ERREF 2.3.1).</summary>
internal static class MountStatus
{
    /// <summary>The exception for the user.</summary>
    /// <param name="status">NTSTATUS.</param>
    /// <param name="place">Mount point, or null for the next free letter.</param>
    public static WindowsMountException ToException(int status, string? place) => unchecked((uint)status) switch
    {
        0xC0000035 => new WindowsMountException( // OBJECT_NAME_COLLISION
            WindowsMountFailure.MountPointInUse, $"{place ?? "The letter"} is in use.", "Choose another letter or folder, or * for the next free letter."),
        0xC0000034 when place is null => new WindowsMountException( // OBJECT_NAME_NOT_FOUND
            WindowsMountFailure.MountPointInUse, "No drive letter is free.", "Free one, or name a folder that does not exist yet."),
        0xC0000033 or 0xC000000D or 0xC000003A => new WindowsMountException( // OBJECT_NAME_INVALID, INVALID_PARAMETER, OBJECT_PATH_NOT_FOUND
            WindowsMountFailure.BadMountPoint, $"{place} cannot be mounted on.", "Give a drive letter, or the full path of a folder that does not exist yet below one that does."),
        0xC0000022 => new WindowsMountException( // ACCESS_DENIED
            WindowsMountFailure.NotPermitted, $"{place ?? "The drive"} may not be mounted by this user.", "Choose a folder of your own or a drive letter."),
        0xC000000E or 0xC0000034 or 0xC00000C0 => new WindowsMountException( // NO_SUCH_DEVICE, OBJECT_NAME_NOT_FOUND, DEVICE_DOES_NOT_EXIST
            WindowsMountFailure.NoDriver, "WinFsp is installed, but its driver does not run.", $"Restart the computer; if that does not help, install WinFsp again from {WinFspDll.Download}."),
        _ => new WindowsMountException(
            WindowsMountFailure.Other, $"WinFsp did not mount {place ?? "the drive"}: status 0x{status:X8}.", $"Restart the computer, or install WinFsp again from {WinFspDll.Download}."),
    };
}
