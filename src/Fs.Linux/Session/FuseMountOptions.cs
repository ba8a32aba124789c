using System.ComponentModel.DataAnnotations;

namespace SyncAgent.Fs.Linux;

/// <summary>How a drive is mounted and served.</summary>
public sealed record FuseMountOptions
{
    /// <summary>First column of /proc/mounts. No commas, spaces, backslashes or control characters.</summary>
    [RegularExpression(@"^[^\p{C}\s,\\]{1,200}$")]
    public string FsName { get; init; } = "syncagent";

    /// <summary>The file system type is "fuse." and this. A dead mount of the same type at the mount point is replaced.</summary>
    [RegularExpression("^[A-Za-z0-9_-]{1,32}$")]
    public string Subtype { get; init; } = "syncagent";

    /// <summary>Mount read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Let other users in. Without it even root is refused. An ordinary user also needs <c>user_allow_other</c> in
    /// /etc/fuse.conf.</summary>
    public bool AllowOther { get; init; }

    /// <summary>Let the kernel check permissions by owner, group and mode.</summary>
    public bool DefaultPermissions { get; init; } = true;

    /// <summary>Mount over a directory that is not empty, hiding what is in it.</summary>
    public bool AllowNonEmpty { get; init; }

    /// <summary>Threads that read requests. On 2 to 8 cores more than 2 gave nothing: calls that wait do not hold a thread.</summary>
    [Range(1, 64)]
    public int Threads { get; init; } = 2;

    /// <summary>Most requests that the kernel sends without somebody waiting for that one (releases, and what it reads through its cache,
    /// which is nearly every READ). Far above the readers that may be stuck on a silent store, since all others would wait behind
    /// them; below <see cref="MaxPending"/>, so that there is always room for calls that somebody waits for.</summary>
    [Range(1, 4096)]
    public int MaxBackground { get; init; } = 384;

    /// <summary>Most requests that wait for the network at once; each may hold a buffer of 1 MiB (as much of it as it reads).
    /// When it is reached, further requests wait in the kernel.</summary>
    [Range(16, 65_536)]
    public int MaxPending { get; init; } = 512;

    /// <summary>Most notices of outside changes that wait for the kernel; beyond it they are dropped, and logged.</summary>
    [Range(16, 10_000_000)]
    public int MaxInvalidations { get; init; } = 65_536;

    /// <summary>How long the kernel may remember that a name does not exist. Names that appear from outside are announced.</summary>
    public TimeSpan NegativeCache { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Let writes to files opened for writing only bypass the kernel's page cache: about 1.7 times the throughput of
    /// large copies, but what was written must be read back from this process.</summary>
    public bool DirectWrites { get; init; }

    /// <summary>Clock of delays.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The file system type as /proc/mounts shows it.</summary>
    internal string FileSystemType => "fuse." + Subtype;

    /// <summary>Every mistake in the values, one sentence each.</summary>
    public IReadOnlyList<string> Validate()
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), results, validateAllProperties: true);
        return [.. results.Select(result => result.ErrorMessage ?? "invalid")];
    }
}
