using System.Buffers.Binary;
using System.Globalization;

namespace SyncAgent.Journal;

/// <summary>
/// Notices that <c>journal.db</c> cannot be used, and sets it aside. That a journal is to be made anew stands in the file
/// <c>journal.damaged</c> from the moment it is noticed until the new one is complete, so that a kill in between begins again.
/// </summary>
public static class JournalDamage
{
    private const string NoteFile = "journal.damaged";
    private const int HeaderBytes = 100;
    private const int PageSizeAt = 16;
    private const int PageCountAt = 28;

    private static readonly string[] Suffixes = ["", "-wal", "-shm"];

    /// <summary>Says that the journal of a state folder is to be made anew at the next start.</summary>
    /// <param name="stateFolder">State folder.</param>
    /// <param name="reason">What is wrong with it, in a sentence.</param>
    public static void Note(string stateFolder, string reason) => AtomicFile.Write(Path.Combine(stateFolder, NoteFile), reason);

    /// <summary>What was noted, or null.</summary>
    public static string? Noted(string stateFolder)
    {
        var path = Path.Combine(stateFolder, NoteFile);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    /// <summary>What is wrong with the files as they lie there, before SQLite makes an empty journal of nothing; null when nothing can be
    /// seen from outside.</summary>
    internal static string? Outside(string stateFolder)
    {
        var path = Path.Combine(stateFolder, JournalStore.FileName);
        var info = new FileInfo(path);
        if (!info.Exists || info.Length == 0)
        {
            var staging = Path.Combine(stateFolder, StagingFolder.FolderName);
            if (!Directory.Exists(staging) || !Directory.EnumerateFiles(staging).Any()) return null; // a new state folder
            return info.Exists ? $"{JournalStore.FileName} is empty although there are staged files" : $"{JournalStore.FileName} is missing although there are staged files";
        }

        var wal = new FileInfo(path + "-wal");
        return wal is { Exists: true, Length: > 0 } ? null : Truncation(path, info.Length);
    }

    /// <summary>Renames the journal's files to <c>journal.db.damaged-TIME</c>, and never over others.</summary>
    /// <returns>The new name, or null when there was nothing.</returns>
    internal static string? SetAside(string stateFolder, DateTimeOffset now)
    {
        var path = Path.Combine(stateFolder, JournalStore.FileName);
        if (!Suffixes.Any(suffix => File.Exists(path + suffix))) return null;
        var stem = string.Create(CultureInfo.InvariantCulture, $"{path}.damaged-{now.UtcDateTime:yyyyMMdd-HHmmss}");
        var aside = stem;
        for (var attempt = 2; Suffixes.Any(suffix => File.Exists(aside + suffix)); attempt++)
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{stem}-{attempt}");
        }

        foreach (var suffix in Suffixes)
        {
            if (File.Exists(path + suffix)) File.Move(path + suffix, aside + suffix, overwrite: false);
        }

        FileSync.FlushFolder(stateFolder);
        return aside;
    }

    /// <summary>The new journal is complete and durable.</summary>
    internal static void Clear(string stateFolder)
    {
        File.Delete(Path.Combine(stateFolder, NoteFile));
        FileSync.FlushFolder(stateFolder);
    }

    // SQLite file format 1.3: the page size stands at 16 (1 for 65,536), the number of pages at 28. Without a log to be replayed the
    // file has at least as many.
    private static string? Truncation(string path, long length)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        using var file = StagingFile.OpenForReading(path);
        var read = RandomAccess.Read(file, header, 0);
        if (!header.StartsWith("SQLite format 3\0"u8)) return null; // SQLite itself says that it is none
        if (read < HeaderBytes) return $"{JournalStore.FileName} is cut to {length} bytes";
        long pageSize = BinaryPrimitives.ReadUInt16BigEndian(header[PageSizeAt..]) is var size and not 1 ? size : 65_536;
        var expected = pageSize * BinaryPrimitives.ReadUInt32BigEndian(header[PageCountAt..]);
        return length < expected ? $"{JournalStore.FileName} is cut to {length} of {expected} bytes" : null;
    }
}
