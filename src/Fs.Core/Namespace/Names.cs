using System.Text;

namespace SyncAgent.Fs.Core;

/// <summary>What names and keys may be.</summary>
internal static class Names
{
    public const int MaxNameBytes = 255;

    /// <summary>OSS and S3: keys are at most 1,023 (1,024) bytes of UTF-8.</summary>
    public const int MaxKeyBytes = 1023;

    /// <summary>Where the agent keeps objects of its own below a drive's prefix; never shown.</summary>
    public const string OwnFolder = ".syncagent";

    public static FsError? Check(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes) return FsError.NameTooLong;
        return IsFileName(name) ? null : FsError.InvalidName;
    }

    public static bool IsFileName(string name) =>
        name.Length > 0 && name is not ("." or "..") && !name.Contains('/', StringComparison.Ordinal) && !name.Contains('\0', StringComparison.Ordinal)
        && Encoding.UTF8.GetByteCount(name) <= MaxNameBytes;

    public static FsError? CheckKey(string key) => Encoding.UTF8.GetByteCount(key) > MaxKeyBytes ? FsError.NameTooLong : null;

    /// <summary>The name of the copy that keeps the local version when the bucket's keeps the name.</summary>
    public static string ConflictCopy(string name, string host, DateTimeOffset time, int attempt)
    {
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot > 0 ? (name[..dot], name[dot..]) : (name, "");
        var number = attempt == 0 ? "" : $" {attempt + 1}";
        var mark = string.Create(System.Globalization.CultureInfo.InvariantCulture, $" (conflict {host} {time:yyyy-MM-dd HH-mm-ss}{number})");
        while (Encoding.UTF8.GetByteCount(stem + mark + extension) > MaxNameBytes && stem.Length > 1) stem = stem[..^1];
        return stem + mark + extension;
    }
}
