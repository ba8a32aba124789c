using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>
/// Bytes that only the kernel's pages hold after a failed fsync: Linux has marked them clean, so that a second fsync says "done", and ext4
/// does not even write them when they are written again in place. Only bytes that go to other pages reach the disk: see
/// docs/decisions/0009-failed-fsync.md.
/// </summary>
internal static class UnwrittenPages
{
    private const int BlockSize = 1 << 20;

    /// <summary>Copies a file into a new one and flushes that. Holes stay holes; a missing file is fine.</summary>
    /// <exception cref="IOException">The disk refuses the copy too.</exception>
    public static void CopyTo(string path, string copy)
    {
        if (!File.Exists(path)) return;
        using var from = StagingFile.OpenForReading(path);
        using var to = StagingFile.Create(copy);
        var length = RandomAccess.GetLength(from);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (long at = 0; at < length;)
            {
                var run = SparseFile.RunAt(from, at, length);
                if (run.IsData) Copy(from, to, at, run.End, buffer); // not copy_file_range: it may share what never was written
                at = run.End;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        RandomAccess.SetLength(to, length);
        FileSync.Flush(to);
        FileSync.DropPages(to);
    }

    /// <summary>Takes a small file into memory, has the kernel forget its pages, writes it again in place, and reads it back from the disk.</summary>
    /// <exception cref="IOException">The disk refuses it, or gives back something else.</exception>
    public static void Renew(string path)
    {
        if (!File.Exists(path)) return;
        using var file = StagingFile.OpenForWriting(path);
        var bytes = new byte[RandomAccess.GetLength(file)];
        Read(file, bytes);
        FileSync.DropPages(file);
        RandomAccess.Write(file, bytes, 0);
        FileSync.Flush(file);
        FileSync.DropPages(file);
        var onDisk = new byte[bytes.Length];
        Read(file, onDisk);
        if (onDisk.AsSpan().SequenceEqual(bytes)) return;
        RandomAccess.Write(file, bytes, 0);
        throw new IOException($"{path}: the disk gives back other bytes than were written", hresult: 5);
    }

    private static void Copy(SafeFileHandle from, SafeFileHandle to, long start, long end, byte[] buffer)
    {
        for (var at = start; at < end;)
        {
            var block = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at));
            var read = RandomAccess.Read(from, block, at);
            if (read == 0) return;
            RandomAccess.Write(to, block[..read], at);
            at += read;
        }
    }

    private static void Read(SafeFileHandle file, Span<byte> buffer)
    {
        for (long at = 0; buffer.Length > 0;)
        {
            var read = RandomAccess.Read(file, buffer, at);
            if (read == 0) return;
            buffer = buffer[read..];
            at += read;
        }
    }
}
