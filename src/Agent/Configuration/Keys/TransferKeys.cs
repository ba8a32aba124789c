using SyncAgent.Fs.Core;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>The keys of <c>transfer</c>.</summary>
internal static class TransferKeys
{
    // OSS refuses smaller parts but the last, larger ones, and larger single puts.
    private const long MinPartSize = 100L << 10;
    private const long MaxPartSize = 5L << 30;

    private static readonly TransferOptions Usual = new();

    public static readonly ConfigGroup Group = new("Transfer", "Section `transfer`, at the top of the file or in a drive, whose own comes first.");

    public static readonly SizeKey PartSize = Group.Add(new SizeKey("partSize", MinPartSize, MaxPartSize)
    {
        Option = "--part-size", Otherwise = "by the file's size", Meaning = "bytes of one part",
    });

    public static readonly SizeKey MultipartThreshold = Group.Add(new SizeKey("multipartThreshold", MinPartSize, MaxPartSize)
    {
        Option = "--multipart-threshold", Default = Usual.MultipartThreshold, Meaning = "files above this size go up in parts",
    });

    public static readonly CountKey ParallelParts = Group.Add(new CountKey("parallelParts", 1, 64)
    {
        Option = "--parallel-parts", Default = Usual.ParallelParts, Meaning = "most parts under way at once, 1 for one after the other", Note = "Fewer while the link fails.",
    });

    public static readonly ChoiceKey<PartChecksum> Checksum = Group.Add(new ChoiceKey<PartChecksum>("checksum", ("md5", PartChecksum.Md5), ("crc64", PartChecksum.Crc64))
    {
        Option = "--checksum", Default = Usual.Checksum, Meaning = "what bodies carry, crc64 alone where processor time matters",
        Note = "`crc64` needs a store that states CRC-64s; others get MD5s all the same.",
    });

    // One for small files and one for large ones, so that neither kind holds up the other.
    public static readonly CountKey ParallelFiles = Group.Add(new CountKey("parallelFiles", 2, 256) { Default = Usual.FilesAtOnce, Meaning = "files under way at once" });

    public static readonly SecondsKey Debounce = Group.Add(new SecondsKey("debounceSeconds", 0, 3600)
    {
        Option = "--debounce", Default = Usual.Debounce, Meaning = "quiet time before a changed file is sent",
    });

    public static readonly CountKey MassDeleteLimit = Group.Add(new CountKey("massDeleteLimit", 0)
    {
        Option = "--mass-delete-limit", HelpName = "COUNT", Default = Usual.MassDeleteLimit,
        Meaning = "removed objects above which nothing is deleted before \"deletes confirm\"; 0 never asks",
    });

    public static readonly TextKey Trash = Group.Add(new TextKey("trash")
    {
        Option = "--trash", HelpName = "PREFIX", Form = "a path that ends in `/`", Meaning = "copy removed objects to this prefix before they are deleted, e.g. .syncagent/trash/",
        Note = "Below the drive's own prefix.",
    });
}

/// <summary>The keys of <c>limits</c>.</summary>
internal static class LimitKeys
{
    private static readonly CoreOptions Usual = new();

    public static readonly ConfigGroup Group = new("Limits", "Section `limits`, at the top of the file or in a drive, whose own comes first.");

    public static readonly SizeKey CacheSize = Group.Add(new SizeKey("cacheSize", 0)
    {
        Option = "--cache-size", Default = Usual.CacheLimit, Meaning = "most bytes of synced files kept here, of a drive",
        Note = "Above it local copies are given back, longest unused first.",
    });

    public static readonly SizeKey ReadCacheSize = Group.Add(new SizeKey("readCacheSize", 0)
    {
        Option = "--read-cache-size", Default = Usual.ReadCacheLimit, Meaning = "most bytes of the bucket's objects kept here to be read again, of a drive",
        Note = "Kept by blocks; above it whole objects go, longest unused first. On the same disk as `cacheSize`, in addition to it.",
    });

    public static readonly SecondsKey ReadTimeout = Group.Add(new SecondsKey("readTimeoutSeconds", 1, 3600)
    {
        Default = Usual.ReadTimeout, Meaning = "how long a read waits without a byte from the store before it fails with `ETIMEDOUT`",
    });

    public static readonly CountKey NodesInMemory = Group.Add(new CountKey("nodesInMemory", 1000, 100_000_000)
    {
        Default = Usual.NodesInMemory, Meaning = "files, folders and links of a drive kept in memory", Note = "About a KiB each; others are read from the state folder when wanted.",
    });

    public static readonly CountKey LearnPerSecond = Group.Add(new CountKey("learnPerSecond", 0, 1000)
    {
        Default = Usual.LearnPerSecond, Meaning = "objects whose attributes are read in the background each second",
        Note = "One HEAD each, and as many more that are asked for by name; 0: only of those that are opened. [Why](semantics.md#attributes-of-foreign-objects).",
    });

    public static readonly SizeKey StagingReserve = Group.Add(new SizeKey("stagingReserve", 0)
    {
        Otherwise = "256 MiB; of a disk below 2 GiB an eighth", Meaning = "bytes of the staging disk that writes never use", Note = "Not in a drive: the disk is everybody's.",
    });

    public static readonly RateKey Upload = Group.Add(new RateKey("upload")
    {
        Option = "--limit-upload", Otherwise = BandwidthReader.Unlimited, Meaning = "most bytes sent per second, e.g. 2MiB", Note = "[Bandwidth](configuration.md#bandwidth) explains what holds when.",
    });

    public static readonly RateKey Download = Group.Add(new RateKey("download")
    {
        Option = "--limit-download", Otherwise = BandwidthReader.Unlimited, Meaning = "most bytes received per second, e.g. 2MiB",
    });

    public static readonly SectionsKey Timetable = Group.Add(new SectionsKey("timetable", TimetableKeys.Group)
    {
        Meaning = "times of the week with rates of their own", Note = "The first entry that fits wins.",
    });

    /// <summary>Those that a drive may have: the disk is everybody's, and what writes must leave free of it no matter of one drive.</summary>
    public static readonly ConfigGroup OfDrive = Group.Without(StagingReserve, "Limits of a drive");
}

/// <summary>The keys of an entry of <c>timetable</c>.</summary>
internal static class TimetableKeys
{
    public static readonly ConfigGroup Group = new("Timetable", "Each object of the list `timetable` in `limits`.");

    public static readonly WordsKey Days = Group.Add(new WordsKey("days")
    {
        Required = true, Words = BandwidthReader.DayNames, Meaning = "days on which it begins", Note = $"`{string.Join("`, `", BandwidthReader.DayNames)}`.",
    });

    public static readonly TextKey From = Group.Add(new TextKey("from") { Required = true, Form = "a time like \"08:30\"", Meaning = "when it begins, local time" });

    public static readonly TextKey To = Group.Add(new TextKey("to")
    {
        Required = true, Form = "a time like \"08:30\", up to \"24:00\"", Meaning = "when it ends", Note = "On the next day where it is not later than `from`.",
    });

    public static readonly RateKey Upload = Group.Add(new RateKey("upload") { Otherwise = "as outside", Meaning = "most bytes sent per second" });

    public static readonly RateKey Download = Group.Add(new RateKey("download") { Otherwise = "as outside", Meaning = "most bytes received per second" });
}
