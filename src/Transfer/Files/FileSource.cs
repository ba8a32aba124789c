using Microsoft.Win32.SafeHandles;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>A file outside any drive. Nobody keeps it still: it is watched by size, times, inode and, by whoever reads it, checksum.</summary>
internal sealed class FileSource : IPartSource, IDisposable
{
    private readonly SafeFileHandle _file;

    private FileSource(string path, FileStamp stamp, SafeFileHandle file)
    {
        Path = path;
        Stamp = stamp;
        _file = file;
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>What it was when it was opened.</summary>
    public FileStamp Stamp { get; }

    /// <inheritdoc/>
    public long Size => Stamp.Size;

    /// <summary>Opens a regular file.</summary>
    /// <exception cref="FileNotFoundException">There is none at this path.</exception>
    public static FileSource Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var stamp = FileStamp.Of(full);
        var source = new FileSource(
            full, stamp, File.OpenHandle(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        try
        {
            source.ThrowIfChanged(); // the handle is of the file that the stamp is of
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> buffer)
    {
        var read = RandomAccess.Read(_file, buffer, offset);
        return read > 0 || buffer.IsEmpty || offset >= Size ? read : throw Changed();
    }

    /// <inheritdoc/>
    public void ThrowIfChanged()
    {
        FileStamp now;
        try
        {
            now = FileStamp.Of(Path);
        }
        catch (FileNotFoundException)
        {
            throw Changed(); // removed, or just being replaced
        }

        if (now != Stamp) throw Changed();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>The error of bytes that are not those that were there before.</summary>
    public StoreException Changed() => new(StoreErrorKind.SourceChanged, $"{Path} changed while it was sent.");
}
