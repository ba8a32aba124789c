namespace SyncAgent.Fs.Linux;

/// <summary>Why a drive could not be mounted or unmounted.</summary>
public enum FuseFailure
{
    /// <summary>Something unexpected; the message has the system's words.</summary>
    Other,

    /// <summary>The mount point does not exist or is not a directory.</summary>
    NotDirectory,

    /// <summary>The mount point has files in it that the drive would hide.</summary>
    NotEmpty,

    /// <summary>A live drive is mounted there.</summary>
    AlreadyMounted,

    /// <summary>There is no /dev/fuse.</summary>
    DeviceMissing,

    /// <summary>/dev/fuse, or mounting, is not permitted.</summary>
    NotPermitted,

    /// <summary>fusermount3 is not installed.</summary>
    HelperMissing,

    /// <summary>The kernel's FUSE is older than 7.31 (Linux 5.4).</summary>
    KernelTooOld,
}

/// <summary>A drive could not be mounted or unmounted.</summary>
/// <param name="failure">What kind.</param>
/// <param name="message">What happened.</param>
/// <param name="remedy">What the user can do, one sentence.</param>
/// <param name="inner">Cause, or null.</param>
public sealed class FuseException(FuseFailure failure, string message, string remedy, Exception? inner = null)
    : Exception($"{message} {remedy}".TrimEnd(), inner)
{
    /// <summary>What kind.</summary>
    public FuseFailure Failure { get; } = failure;

    /// <summary>What the user can do, one sentence; may be empty.</summary>
    public string Remedy { get; } = remedy;
}
