namespace SyncAgent.Fs.Linux;

/// <summary>How an unmount ended.</summary>
public enum UnmountResult
{
    /// <summary>The drive is gone, and every file in it was closed.</summary>
    Unmounted,

    /// <summary>Files were open: the drive has left the directory tree, and is served until the last of them is closed.</summary>
    Detached,

    /// <summary>Files are open, or somebody's working directory is in the drive; nothing was done.</summary>
    Busy,

    /// <summary>The drive was not mounted any more.</summary>
    NotMounted,
}
