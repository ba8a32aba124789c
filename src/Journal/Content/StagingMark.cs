using System.Globalization;
using System.Text;

namespace SyncAgent.Journal;

/// <summary>
/// What a staging file says about itself without the journal: whose it is, and what would be needed to send it. Kept as text, one
/// "name=value" a line, by <see cref="MarkFile"/>. It is set when the file is made, when a close says what it holds, and when either
/// changes; a write never touches it. So a mark may say that a file is closed that was written since: whoever believes one without
/// the journal compares size and checksum.
/// </summary>
public sealed record StagingMark
{
    /// <summary>The drive's target: store, endpoint, region, bucket and prefix. Null in marks of versions before 0.3.</summary>
    public DriveRow? Drive { get; init; }

    /// <summary>Node.</summary>
    public required long Node { get; init; }

    /// <summary>Generation.</summary>
    public required long Generation { get; init; }

    /// <summary>Where the generation stands; <see cref="GenerationState.Sealed"/> once its size counts.</summary>
    public GenerationState State { get; init; }

    /// <summary>Length in bytes at the last close.</summary>
    public long Size { get; init; }

    /// <summary>CRC-64/XZ of the content, or null when it is not known.</summary>
    public ulong? Crc { get; init; }

    /// <summary>Which run of the machine closed it: within it the bytes are those that were written, whatever is on the disk yet.</summary>
    public string? Boot { get; init; }

    /// <summary>What lies below.</summary>
    public BaseKind Base { get; init; }

    /// <summary>The base's generation, of a local one.</summary>
    public long? BaseGeneration { get; init; }

    /// <summary>The base's key, of a remote one.</summary>
    public string? BaseKey { get; init; }

    /// <summary>The base's ETag, of a remote one.</summary>
    public string? BaseETag { get; init; }

    /// <summary>Length of the base in bytes.</summary>
    public long BaseSize { get; init; }

    /// <summary>ETag of the object that the bucket had confirmed under the file's key, or null when it had none.</summary>
    public string? RemoteETag { get; init; }

    /// <summary>CRC-64/XZ of that object, or null.</summary>
    public ulong? RemoteCrc { get; init; }

    /// <summary>Length of that object.</summary>
    public long RemoteSize { get; init; }

    /// <summary>Permission bits.</summary>
    public uint Mode { get; init; }

    /// <summary>Owner.</summary>
    public uint Uid { get; init; }

    /// <summary>Group.</summary>
    public uint Gid { get; init; }

    /// <summary>Modification time, nanoseconds since 1970 UTC.</summary>
    public long ModifyTime { get; init; }

    /// <summary>Whether the file stays on this machine by the user's rule.</summary>
    public bool Ignored { get; init; }

    /// <summary>Key without the drive's prefix; null when the name was gone.</summary>
    public string? Path { get; init; }

    /// <summary>The mark of the same content once its file holds all of it: no base below it any more.</summary>
    public static StagingMark Whole(StagingMark mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        return mark with { Base = BaseKind.None, BaseGeneration = null, BaseKey = null, BaseETag = null, BaseSize = 0 };
    }

    /// <summary>The text, a line for each value that there is.</summary>
    public string Format()
    {
        var text = new StringBuilder(512);
        if (Drive is { } drive)
        {
            Add("store", drive.Store);
            Add("endpoint", drive.Endpoint);
            Add("region", drive.Region);
            Add("bucket", drive.Bucket);
            Add("prefix", drive.Prefix);
            Add("mount", drive.MountPoint);
            Add("drive", Text(drive.Id));
        }

        Add("node", Text(Node));
        Add("generation", Text(Generation));
        Add("state", State.ToString());
        Add("size", Text(Size));
        Add("crc64", Text(Crc));
        Add("boot", Boot);
        Add("base", Base.ToString());
        Add("base-generation", Text(BaseGeneration));
        Add("base-key", BaseKey);
        Add("base-etag", BaseETag);
        Add("base-size", Text(BaseSize));
        Add("remote-etag", RemoteETag);
        Add("remote-crc64", Text(RemoteCrc));
        Add("remote-size", Text(RemoteSize));
        Add("mode", Convert.ToString(Mode, 8));
        Add("uid", Text(Uid));
        Add("gid", Text(Gid));
        Add("mtime", Text(ModifyTime));
        if (Ignored) Add("ignored", "1");
        Add("path", Path);
        return text.ToString();

        void Add(string name, string? value)
        {
            if (value is not null) text.Append(name).Append('=').Append(Escape(value)).Append('\n');
        }
    }

    /// <summary>Reads a text; null when it is not one. Lines that are not known are passed over.</summary>
    public static StagingMark? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at) values[line[..at]] = Unescape(line[(at + 1)..]);
        }

        if (Number("node") is not { } node || Number("generation") is not { } generation) return null;
        return new StagingMark
        {
            Drive = Value("bucket") is { } bucket
                ? new DriveRow(
                    Number("drive") ?? 0, 0, Value("store") ?? "", Value("endpoint") ?? "", Value("region") ?? "", bucket, Value("prefix") ?? "",
                    Value("mount") ?? "")
                : null,
            Node = node,
            Generation = generation,
            State = Enum.TryParse<GenerationState>(Value("state"), out var state) && Enum.IsDefined(state) ? state : GenerationState.Open,
            Size = Number("size") ?? 0,
            Crc = Sum("crc64"),
            Boot = Value("boot"),
            Base = Enum.TryParse<BaseKind>(Value("base"), out var kind) && Enum.IsDefined(kind) ? kind : BaseKind.None,
            BaseGeneration = Number("base-generation"),
            BaseKey = Value("base-key"),
            BaseETag = Value("base-etag"),
            BaseSize = Number("base-size") ?? 0,
            RemoteETag = Value("remote-etag"),
            RemoteCrc = Sum("remote-crc64"),
            RemoteSize = Number("remote-size") ?? 0,
            Mode = OctalOf(Value("mode")),
            Uid = (uint)(Number("uid") ?? 0),
            Gid = (uint)(Number("gid") ?? 0),
            ModifyTime = Number("mtime") ?? 0,
            Ignored = Value("ignored") == "1",
            Path = Value("path"),
        };

        string? Value(string name) => values.GetValueOrDefault(name);

        long? Number(string name) =>
            long.TryParse(Value(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

        ulong? Sum(string name) => ulong.TryParse(Value(name), NumberStyles.None, CultureInfo.InvariantCulture, out var sum) ? sum : null;
    }

    /// <summary>The mark of a staging file, or null when it has none that can be read.</summary>
    public static StagingMark? TryRead(string file) => ReadText(file) is { } text ? TryParse(text) : null;

    /// <summary>The text of a staging file's mark, or null.</summary>
    public static string? ReadText(string file) => MarkFile.Read(file);

    private static uint OctalOf(string? text)
    {
        uint mode = 0;
        foreach (var digit in text ?? "")
        {
            if (digit is < '0' or > '7') return 0;
            mode = (mode << 3) | (uint)(digit - '0');
        }

        return mode & 0b111_111_111_111;
    }

    private static string? Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);

    // Names may hold line breaks; everything else is for people to read as it is.
    private static string Escape(string value) => value.AsSpan().IndexOfAny('%', '\n', '\r') < 0
        ? value
        : value.Replace("%", "%25", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal);

    private static string Unescape(string value) => value.Contains('%', StringComparison.Ordinal)
        ? value.Replace("%0D", "\r", StringComparison.Ordinal).Replace("%0A", "\n", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal)
        : value;
}
