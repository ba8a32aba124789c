using System.Text;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>What names and keys may be. How they follow from each other is <see cref="KeyNames"/>' business.</summary>
internal static class Names
{
    public const int MaxNameBytes = 255;

    /// <summary>OSS and S3: keys are at most 1,023 (1,024) bytes of UTF-8.</summary>
    public const int MaxKeyBytes = 1023;

    /// <summary>Where the agent keeps objects of its own below a drive's prefix; never shown.</summary>
    public const string OwnFolder = ".syncagent";

    /// <summary>Shared value.</summary>
    public static readonly FsError Reserved = new(FsErrorKind.NotPermitted, $"{OwnFolder} at the top of a drive is the agent's own");

    public static FsError? Check(string name)
    {
        if (!KeyNames.IsName(name)) return FsError.InvalidName;
        return Fits(name) ? null : FsError.NameTooLong;
    }

    public static bool Fits(string name) => NameBytes.Count(name) <= MaxNameBytes;

    public static FsError? CheckKey(string key) => Encoding.UTF8.GetByteCount(key) > MaxKeyBytes ? FsError.NameTooLong : null;

    /// <summary>The name of the copy that keeps the local version when the bucket's keeps the name.</summary>
    public static string ConflictCopy(string name, string host, DateTimeOffset time, int attempt)
    {
        // A quote character at the end would have a meaning, and none for a copy.
        name = name.TrimEnd(KeyNames.Quote);
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot > 0 ? (name[..dot], name[dot..]) : (name, "");
        var number = attempt == 0 ? "" : $" {attempt + 1}";
        var mark = string.Create(System.Globalization.CultureInfo.InvariantCulture, $" (conflict {host} {time:yyyy-MM-dd HH-mm-ss}{number})");
        while (!Fits(stem + mark + extension) && stem.Length > 1) stem = stem[..^1];
        return stem + mark + extension;
    }
}
