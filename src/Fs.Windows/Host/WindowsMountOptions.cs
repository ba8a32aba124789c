using System.ComponentModel.DataAnnotations;

namespace SyncAgent.Fs.Windows;

/// <summary>How a drive is mounted and served on Windows.</summary>
public sealed record WindowsMountOptions
{
    /// <summary>A letter ("S:"), or the full path of a folder that does not exist yet; null, empty or "*" for the next free letter from Z: down.</summary>
    public string? MountPoint { get; init; }

    /// <summary>Name of the volume in the Explorer.</summary>
    [RegularExpression(@"^[^\p{C}]{0,31}$", ErrorMessage = "A volume label has at most 31 characters and no control characters.")]
    public string VolumeLabel { get; init; } = "SyncAgent";

    /// <summary>Name of the file system. Programs run elevated from the drive only where it is NTFS.</summary>
    [MinLength(1, ErrorMessage = "A file system needs a name.")]
    [RegularExpression(@"^[^\p{C}]{1,15}$", ErrorMessage = "A file system's name has 1 to 15 characters and no control characters.")]
    public string FileSystemName { get; init; } = "NTFS";

    /// <summary>Mount read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>SID of whom everything in the drive belongs to; null for the user that this process runs as.</summary>
    public string? OwnerSid { get; init; }

    /// <summary>SIDs of who else has full access, beside the owner, SYSTEM and the administrators.</summary>
    public IReadOnlyList<string> OtherSids { get; init; } = [];

    /// <summary>Owner of what is made here, in the objects' metadata.</summary>
    public uint Uid { get; init; }

    /// <summary>Group of what is made here, in the objects' metadata.</summary>
    public uint Gid { get; init; }

    /// <summary>Permissions of files made here, in the objects' metadata.</summary>
    public uint FileMode { get; init; } = 0b110_100_100;

    /// <summary>Permissions of folders made here, in the objects' metadata.</summary>
    public uint DirectoryMode { get; init; } = 0b111_101_101;

    /// <summary>Serial number of the volume; the same for a drive at every mount, since programs know volumes by it.</summary>
    public uint VolumeSerial { get; init; }

    /// <summary>When the volume was made.</summary>
    public DateTimeOffset VolumeCreated { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Threads that WinFsp calls from, 2 to 64; 0 for as many as there are processors, 4 to 16.</summary>
    [Range(0, 64)]
    public int Threads { get; init; }

    /// <summary>How long a call that cannot be answered later waits for the listing of a folder that was never listed, 0 to 10 seconds. The
    /// listing goes on after that.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan NamePatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long Windows may keep what it was told of files, folders and the volume, 0 to 1 minute. Finite, so that writes come before
    /// the close of the handle that they were made through, and changes in the bucket are seen.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CacheFor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Clock of waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Threads that WinFsp calls from.</summary>
    internal int EffectiveThreads => Threads > 0 ? Math.Max(Threads, 2) : Math.Clamp(Environment.ProcessorCount, 4, 16);

    /// <summary>Every mistake in the values, one sentence each.</summary>
    public IReadOnlyList<string> Validate()
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), results, validateAllProperties: true);
        var mistakes = results.ConvertAll(result => result.ErrorMessage ?? "invalid");
        foreach (var sid in OtherSids.Append(OwnerSid ?? SecurityDescriptors.SystemSid))
        {
            try
            {
                SecurityDescriptors.ParseSid(sid);
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                mistakes.Add(e.Message);
            }
        }

        return mistakes;
    }
}
