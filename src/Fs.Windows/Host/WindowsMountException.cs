namespace SyncAgent.Fs.Windows;

/// <summary>Why a drive could not be mounted.</summary>
public enum WindowsMountFailure
{
    /// <summary>Something unexpected; the message has the status.</summary>
    Other,

    /// <summary>WinFsp is not installed.</summary>
    NotInstalled,

    /// <summary>WinFsp is older than what is needed.</summary>
    TooOld,

    /// <summary>WinFsp's library does not load, or is not what it should be.</summary>
    CannotLoad,

    /// <summary>WinFsp's driver does not run.</summary>
    NoDriver,

    /// <summary>The letter or folder is taken, or no letter is free.</summary>
    MountPointInUse,

    /// <summary>No letter and no folder that could be made.</summary>
    BadMountPoint,

    /// <summary>This user may not.</summary>
    NotPermitted,
}

/// <summary>A drive could not be mounted.</summary>
/// <param name="failure">What kind.</param>
/// <param name="message">What happened, one sentence.</param>
/// <param name="remedy">What the user can do, one sentence.</param>
/// <param name="inner">Cause, or null.</param>
public sealed class WindowsMountException(WindowsMountFailure failure, string message, string remedy, Exception? inner = null)
    : Exception($"{message} {remedy}".TrimEnd(), inner)
{
    /// <summary>What kind.</summary>
    public WindowsMountFailure Failure { get; } = failure;

    /// <summary>What the user can do, one sentence.</summary>
    public string Remedy { get; } = remedy;
}
