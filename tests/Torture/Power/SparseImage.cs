using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Torture.Power;

/// <summary>A disk image with holes, in a file system that knows them. Copies cost what differs.</summary>
internal sealed partial class SparseImage : IDisposable
{
    private const int Block = 64 << 10;
    private const int SeekData = 3;
    private const int SeekHole = 4;
    private const int PunchHoleKeepSize = 3;

    private readonly SafeFileHandle _file;
    private readonly byte[] _mine = new byte[Block];
    private readonly byte[] _other = new byte[Block];

    private SparseImage(string path, SafeFileHandle file)
    {
        Path = path;
        _file = file;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Bytes.</summary>
    public long Length => RandomAccess.GetLength(_file);

    /// <summary>Opens an image, or makes an empty one.</summary>
    public static SparseImage Open(string path) => new(path, File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite));

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(_file, bytes, offset);

    /// <summary>Becomes the same as another one: only blocks that differ are written.</summary>
    public void CopyFrom(SparseImage other)
    {
        RandomAccess.SetLength(_file, other.Length);
        foreach (var (offset, count) in other.DataBlocks())
        {
            RandomAccess.Read(other._file, _other.AsSpan(0, count), offset);
            if (RandomAccess.Read(_file, _mine.AsSpan(0, count), offset) != count || !_mine.AsSpan(0, count).SequenceEqual(_other.AsSpan(0, count)))
                RandomAccess.Write(_file, _other.AsSpan(0, count), offset);
        }

        // What this one has where the other has a hole.
        foreach (var (offset, count) in DataBlocks().ToList())
            if (!other.HasData(offset, count)) Check(FAllocate(_file, PunchHoleKeepSize, offset, count));
    }

    /// <summary>Offset of the first block that differs, or null.</summary>
    public long? FirstDifference(SparseImage other)
    {
        foreach (var image in (SparseImage[])[this, other])
        {
            foreach (var (offset, count) in image.DataBlocks())
            {
                RandomAccess.Read(_file, _mine.AsSpan(0, count), offset);
                RandomAccess.Read(other._file, _other.AsSpan(0, count), offset);
                if (!_mine.AsSpan(0, count).SequenceEqual(_other.AsSpan(0, count))) return offset;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private IEnumerable<(long Offset, int Count)> DataBlocks()
    {
        var length = Length;
        for (long at = 0; at < length;)
        {
            var data = LSeek(_file, at, SeekData);
            if (data < 0) yield break;
            var end = LSeek(_file, data, SeekHole);
            for (at = data / Block * Block; at < end; at += Block) yield return (at, (int)Math.Min(Block, length - at));
        }
    }

    private bool HasData(long offset, int count) => LSeek(_file, offset, SeekData) is var data && data >= 0 && data < offset + count;

    private static void Check(int result)
    {
        if (result != 0) throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long LSeek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FAllocate(SafeFileHandle file, int mode, long offset, long length);
}
