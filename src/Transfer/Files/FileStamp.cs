using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>What changes when a file is written, truncated or replaced. Times in nanoseconds since 1970.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="ModifyTime">Of the content.</param>
/// <param name="ChangeTime">Of the inode: no program can set it back. The creation time on Windows.</param>
/// <param name="Inode">Which file it is; 0 on Windows.</param>
public sealed record FileStamp(long Size, long ModifyTime, long ChangeTime, ulong Inode)
{
    /// <summary>The stamp of what now has this path.</summary>
    /// <exception cref="FileNotFoundException">There is no regular file.</exception>
    public static FileStamp Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            var status = LinuxFileStatus.Read(path);
            return status.IsRegular
                ? new FileStamp(status.Size, status.ModifyTime, status.ChangeTime, status.Inode)
                : throw new FileNotFoundException($"{path} is not a regular file.", path);
        }

        var file = new FileInfo(path);
        if (!file.Exists) throw new FileNotFoundException($"{path} is not a file.", path);
        return new FileStamp(
            file.Length, (file.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100, (file.CreationTimeUtc - DateTime.UnixEpoch).Ticks * 100, 0);
    }
}
