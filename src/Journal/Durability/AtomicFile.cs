using System.Text;

namespace SyncAgent.Journal;

/// <summary>Replaces small files so that a crash or power cut leaves the old or the new one, whole: temporary file (0600), fsync,
/// rename, fsync of the folder.</summary>
public static class AtomicFile
{
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
        File.Move(temporary, path, overwrite: true);
        CrashPoints.Reach(CrashPoints.AtomicRenamed);
        FileSync.FlushFolder(folder);
    }
}
