using System.Globalization;

namespace SyncAgent.Journal;

/// <summary>
/// A node's attributes as an object's user metadata carries them: "mode" (decimal st_mode with type bits), "uid" and "gid" as s3fs
/// and ossfs write them, "mtime" ("seconds.nanoseconds") as rclone and s3fs do, "xattr" as s3fs does. The one writer and the one
/// reader of these names. What is missing or makes no sense is null.
/// </summary>
public sealed record ObjectAttributes
{
    /// <summary>Name of the extended attributes; absent when there are none.</summary>
    public const string ExtendedAttributesName = "xattr";

    private const string ModeName = "mode";
    private const string OwnerName = "uid";
    private const string GroupName = "gid";
    private const string TimeName = "mtime";
    private const uint TypeMask = 0xF000;
    private const uint PermissionMask = 0xFFF;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int FractionDigits = 9;

    /// <summary>What the object is, by the type bits of its mode.</summary>
    public NodeType? Type { get; init; }

    /// <summary>Permission, set-id and sticky bits (07777).</summary>
    public uint? Mode { get; init; }

    /// <summary>Owner.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group.</summary>
    public uint? Gid { get; init; }

    /// <summary>Modification time, nanoseconds since 1970 UTC.</summary>
    public long? ModifyTime { get; init; }

    /// <summary>Extended attributes, encoded.</summary>
    public string? ExtendedAttributes { get; init; }

    /// <summary>The metadata that says a node's attributes.</summary>
    public static Dictionary<string, string> Format(NodeRow node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var metadata = new Dictionary<string, string>
        {
            [ModeName] = Number(TypeBits(node.Type) | (node.Mode & PermissionMask)),
            [OwnerName] = Number(node.Uid),
            [GroupName] = Number(node.Gid),
            [TimeName] = Time(node.ModifyTime),
        };
        if (node.ExtendedAttributes is { } encoded) metadata.Add(ExtendedAttributesName, encoded);
        return metadata;
    }

    /// <summary>Whether a metadata name is one of these.</summary>
    public static bool IsOne(string name) => name is ModeName or OwnerName or GroupName or TimeName or ExtendedAttributesName;

    /// <summary>What metadata says of the attributes. Names in lower case.</summary>
    public static ObjectAttributes Parse(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var mode = metadata.TryGetValue(ModeName, out var text) ? ParseMode(text) : null;
        return new ObjectAttributes
        {
            Type = mode is { } bits ? TypeOf(bits) : null,
            Mode = mode & PermissionMask,
            Uid = ParseId(metadata.GetValueOrDefault(OwnerName)),
            Gid = ParseId(metadata.GetValueOrDefault(GroupName)),
            ModifyTime = ParseTime(metadata.GetValueOrDefault(TimeName)),
            ExtendedAttributes = metadata.TryGetValue(ExtendedAttributesName, out var encoded) && encoded.Length > 0 ? encoded : null,
        };
    }

    // st_mode has 16 bits. rclone writes octal digits: more than fit when they are read as decimal ("100644"), or no type that there is.
    private static uint? ParseMode(string text)
    {
        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mode)) return null;
        if (mode <= ushort.MaxValue && TypeOf(mode) is not null) return mode;
        if (text.Length > 6 || text.AsSpan().ContainsAnyExceptInRange('0', '7')) return null;
        var octal = Convert.ToUInt32(text, 8);
        return octal != 0 && octal <= ushort.MaxValue && ((octal & TypeMask) == 0 || TypeOf(octal) is not null) ? octal : null;
    }

    // The largest number means "unchanged" in chown(2) and is nobody's.
    private static uint? ParseId(string? text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue ? id : null;

    private static long? ParseTime(string? text)
    {
        const long MaxSeconds = long.MaxValue / NanosecondsPerSecond - 1;
        if (text is null) return null;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var (whole, fraction) = point < 0 ? (text, "") : (text[..point], text[(point + 1)..]);
        if (!long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)) return null;
        if (seconds is > MaxSeconds or < -MaxSeconds || fraction.AsSpan().ContainsAnyExceptInRange('0', '9')) return null;
        var digits = fraction.PadRight(FractionDigits, '0')[..FractionDigits];
        return (seconds * NanosecondsPerSecond) + long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    // Seconds are rounded down, so that the fraction counts forward before 1970 too, as in struct timespec.
    private static string Time(long nanoseconds)
    {
        var (seconds, rest) = Math.DivRem(nanoseconds, NanosecondsPerSecond);
        if (rest < 0) (seconds, rest) = (seconds - 1, rest + NanosecondsPerSecond);
        return string.Create(CultureInfo.InvariantCulture, $"{seconds}.{rest:D9}");
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>S_IFREG, S_IFDIR, S_IFLNK, S_IFIFO, S_IFSOCK.</summary>
    private static uint TypeBits(NodeType type) => type switch
    {
        NodeType.Directory => 0x4000,
        NodeType.Symlink => 0xA000,
        NodeType.Fifo => 0x1000,
        NodeType.Socket => 0xC000,
        _ => 0x8000,
    };

    private static NodeType? TypeOf(uint mode) => (mode & TypeMask) switch
    {
        0x8000 => NodeType.File,
        0x4000 => NodeType.Directory,
        0xA000 => NodeType.Symlink,
        0x1000 => NodeType.Fifo,
        0xC000 => NodeType.Socket,
        _ => null,
    };
}
