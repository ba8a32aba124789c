using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Fs.Core;

/// <summary>Reads from files that may end in a hole.</summary>
internal static class LocalFile
{
    /// <summary>Fills the buffer; bytes past the file's end are zeros.</summary>
    public static void ReadFully(SafeFileHandle file, long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(file, buffer, offset);
            if (read == 0)
            {
                buffer.Clear();
                return;
            }

            buffer = buffer[read..];
            offset += read;
        }
    }
}
