using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>Copies ranges between files at equal offsets.</summary>
public static class FileRanges
{
    private const int BufferSize = 1 << 20;

    /// <summary>Copies <paramref name="length"/> bytes at <paramref name="offset"/>; what the source lacks is written as zeros.</summary>
    public static void Copy(SafeFileHandle from, SafeFileHandle to, long offset, long length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferSize, Math.Max(length, 1)));
        try
        {
            while (length > 0)
            {
                var block = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length));
                var read = RandomAccess.Read(from, block, offset);
                if (read < block.Length) block[read..].Clear();
                RandomAccess.Write(to, block, offset);
                offset += block.Length;
                length -= block.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
