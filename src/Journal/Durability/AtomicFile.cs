using System.Text;

namespace SyncAgent.Journal;

/// <summary>Replaces small files so that a crash or power cut leaves the old or the new one, whole: temporary file (0600), fsync,
/// rename, fsync of the folder.</summary>
public static class AtomicFile
{
    private const int SharingViolation = 32; // ERROR_SHARING_VIOLATION
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Writes <paramref name="text"/> (UTF-8) to <paramref name="path"/>.</summary>
    public static void Write(string path, string text)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():n}.tmp");
        using (var file = StagingFile.Create(temporary))
        {
            RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
            FileSync.Flush(file);
        }

        CrashPoints.Reach(CrashPoints.AtomicWritten);
        Replace(temporary, path);
        CrashPoints.Reach(CrashPoints.AtomicRenamed);
        FileSync.FlushFolder(folder);
    }

    // Windows replaces no file that somebody reads just now: readers here, and virus scanners, take a moment.
    private static void Replace(string temporary, string path)
    {
        const int Attempts = 50;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                File.Move(temporary, path, overwrite: true);
                return;
            }
            catch (Exception e) when (OperatingSystem.IsWindows() && attempt < Attempts && (e is UnauthorizedAccessException || (e is IOException && (e.HResult & 0xFFFF) == SharingViolation)))
            {
                Thread.CurrentThread.Join(Pause); // nobody tells when a reader is done
            }
        }
    }
}
