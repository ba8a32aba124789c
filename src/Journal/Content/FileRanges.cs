using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>Copies ranges between files at equal offsets.</summary>
public static class FileRanges
{
    private const int BufferSize = 1 << 20;

    /// <summary>Copies <paramref name="length"/> bytes at <paramref name="offset"/>; holes, and what the source lacks, become holes.</summary>
    public static void Copy(SafeFileHandle from, SafeFileHandle to, long offset, long length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferSize, Math.Max(length, 1)));
        try
        {
            var end = offset + length;
            while (offset < end)
            {
                var run = SparseFile.RunAt(from, offset, end);
                if (run.IsData) CopyData(from, to, offset, run.End, buffer);
                else if (!SparseFile.TryPunch(to, offset, run.End - offset)) CopyData(from, to, offset, run.End, buffer);
                offset = run.End;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void CopyData(SafeFileHandle from, SafeFileHandle to, long offset, long end, byte[] buffer)
    {
        while (offset < end)
        {
            var block = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - offset));
            var read = RandomAccess.Read(from, block, offset);
            if (read < block.Length) block[read..].Clear();
            RandomAccess.Write(to, block, offset);
            offset += block.Length;
        }
    }
}
