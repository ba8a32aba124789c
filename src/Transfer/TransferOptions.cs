using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>How the bytes of a put or part are protected on their way.</summary>
public enum PartChecksum
{
    /// <summary>Content-MD5, which the store checks before it accepts the body, and CRC-64 compared afterwards.</summary>
    Md5,

    /// <summary>CRC-64 compared with the store's own afterwards: as safe, for a fraction of the processor time. Stores that state no
    /// CRC-64 get an MD5 all the same.</summary>
    Crc64,
}

/// <summary>How files are sent. Sizes in bytes.</summary>
public sealed record TransferOptions
{
    private const long Kibibyte = 1024;
    private const long Mebibyte = 1024 * Kibibyte;
    private const long Gibibyte = 1024 * Mebibyte;

    internal const int MaxParallelParts = 64;
    private const int MaxTrashBytes = 512;

    /// <summary>Files above this size go up in parts; 100 KiB to 5 GiB.</summary>
    public long MultipartThreshold { get; init; } = 16 * Mebibyte;

    /// <summary>Bytes of a part, 100 KiB to 5 GiB; null plans it from the file's size. Raised where a file would need more parts
    /// than the store takes.</summary>
    public long? PartSize { get; init; }

    /// <summary>Most parts of one file that are sent at once, 1 to 64; fewer while the link fails. 1 sends them in sequence.</summary>
    public int ParallelParts { get; init; } = 4;

    /// <summary>What bodies carry so that the store checks them.</summary>
    public PartChecksum Checksum { get; init; } = PartChecksum.Md5;

    /// <summary>Files sent at once; 2 to 256.</summary>
    public int FilesAtOnce { get; init; } = 6;

    /// <summary>How many of <see cref="FilesAtOnce"/> are kept for files above <see cref="MultipartThreshold"/>; at least 1, and at
    /// least 1 fewer than <see cref="FilesAtOnce"/>, so that neither kind holds up the other.</summary>
    public int LargeFilesAtOnce { get; init; } = 2;

    /// <summary>Copies on the server under way at once, for renames and new attributes, beside <see cref="FilesAtOnce"/>; 1 to 256.</summary>
    public int CopiesAtOnce { get; init; } = 16;

    /// <summary>Requests of deletions under way at once, each of up to 1,000 keys; 1 to 256.</summary>
    public int DeletesAtOnce { get; init; } = 4;

    /// <summary>Above so many removed objects nothing of them is deleted until the user confirms it; 0 never asks.</summary>
    public int MassDeleteLimit { get; init; } = 25_000;

    /// <summary>Where removed objects are copied to before they are deleted: a prefix below the drive's own that ends in "/", e.g.
    /// ".syncagent/trash/"; at most 512 bytes. Empty deletes them at once.</summary>
    public string Trash { get; init; } = "";

    /// <summary>How long a closed file waits before it is sent, so that a save in several steps becomes one upload; 0 to an hour.
    /// Whoever seals a generation makes it due this much later.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a file that was changed while it was sent must rest before the next attempt; doubles with each
    /// cancelled upload. Above 0, at most <see cref="MaxQuietPeriod"/>.</summary>
    public TimeSpan QuietPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest quiet period, at most a day.</summary>
    public TimeSpan MaxQuietPeriod { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>After so many cancelled uploads a closed content is sent to its end although newer ones wait; 0 to 100.</summary>
    public int MaxCancels { get; init; } = 3;

    /// <summary>A file that is renamed while it goes up starts again under the new name when fewer bytes than this have arrived;
    /// otherwise it is completed and copied. 0 to 1 TiB.</summary>
    public long RestartOnRenameBelow { get; init; } = 64 * Mebibyte;

    /// <summary>Longest wait after a passing error; above 0, at most an hour.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wait after an error that somebody must put right in the account (credentials, permission, quota); above 0, at
    /// most a day.</summary>
    public TimeSpan SlowRetry { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Seed of the jitter, or null for one by chance.</summary>
    public int? JitterSeed { get; init; }

    /// <summary>Whether bodies to a store carry an MD5. Where it states no CRC-64 that is the only proof.</summary>
    internal bool SendsMd5To(StoreCapabilities store) => Checksum == PartChecksum.Md5 || !store.ObjectCrc64;

    /// <summary>Whether a text can be <see cref="Trash"/>, when it is not empty.</summary>
    public static bool IsTrashPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return prefix is [not '/', .., '/'] && !prefix.Contains("//", StringComparison.Ordinal) && !prefix.Any(char.IsControl)
            && prefix.Split('/').All(name => name is not ("." or "..")) && System.Text.Encoding.UTF8.GetByteCount(prefix) <= MaxTrashBytes;
    }

    /// <summary>Every mistake in these options, one sentence each.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        Check(MultipartThreshold is >= 100 * Kibibyte and <= 5 * Gibibyte, $"MultipartThreshold {MultipartThreshold}: expected 100 KiB to 5 GiB.");
        Check(PartSize is null or (>= 100 * Kibibyte and <= 5 * Gibibyte), $"PartSize {PartSize}: expected 100 KiB to 5 GiB, or nothing.");
        Check(ParallelParts is >= 1 and <= MaxParallelParts, $"ParallelParts {ParallelParts}: expected 1 to 64.");
        Check(FilesAtOnce is >= 2 and <= 256, $"FilesAtOnce {FilesAtOnce}: expected 2 to 256.");
        Check(LargeFilesAtOnce >= 1 && LargeFilesAtOnce < FilesAtOnce, $"LargeFilesAtOnce {LargeFilesAtOnce}: expected 1 to FilesAtOnce - 1.");
        Check(CopiesAtOnce is >= 1 and <= 256, $"CopiesAtOnce {CopiesAtOnce}: expected 1 to 256.");
        Check(DeletesAtOnce is >= 1 and <= 256, $"DeletesAtOnce {DeletesAtOnce}: expected 1 to 256.");
        Check(MassDeleteLimit >= 0, $"MassDeleteLimit {MassDeleteLimit}: expected 0 or more.");
        Check(Trash.Length == 0 || IsTrashPrefix(Trash), $"Trash \"{Trash}\": expected a path that ends in \"/\" and does not begin with one, or nothing.");
        Check(Debounce >= TimeSpan.Zero && Debounce <= TimeSpan.FromHours(1), $"Debounce {Debounce}: expected 0 to an hour.");
        Check(MaxQuietPeriod > TimeSpan.Zero && MaxQuietPeriod <= TimeSpan.FromDays(1), $"MaxQuietPeriod {MaxQuietPeriod}: expected above 0, at most a day.");
        Check(QuietPeriod > TimeSpan.Zero && QuietPeriod <= MaxQuietPeriod, $"QuietPeriod {QuietPeriod}: expected above 0, at most MaxQuietPeriod.");
        Check(MaxCancels is >= 0 and <= 100, $"MaxCancels {MaxCancels}: expected 0 to 100.");
        Check(RestartOnRenameBelow is >= 0 and <= 1024 * Gibibyte, $"RestartOnRenameBelow {RestartOnRenameBelow}: expected 0 to 1 TiB.");
        Check(MaxBackoff > TimeSpan.Zero && MaxBackoff <= TimeSpan.FromHours(1), $"MaxBackoff {MaxBackoff}: expected above 0, at most an hour.");
        Check(SlowRetry > TimeSpan.Zero && SlowRetry <= TimeSpan.FromDays(1), $"SlowRetry {SlowRetry}: expected above 0, at most a day.");
        return errors;

        void Check(bool fine, string error)
        {
            if (!fine) errors.Add(error);
        }
    }
}
