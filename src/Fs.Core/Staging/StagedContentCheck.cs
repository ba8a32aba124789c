using System.Buffers;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>Whether staged bytes are still what the journal says they are.</summary>
public static class StagedContentCheck
{
    private const int BufferSize = 1 << 20;

    /// <summary>The check for one journal: size and checksum of what is in the staging files. What cannot be proved is not intact:
    /// content without a recorded checksum, or with ranges that only the bucket holds, is kept for its user and not published.</summary>
    /// <param name="journal">The journal.</param>
    public static Func<ContentSource, bool> IsIntact(JournalStore journal) => source =>
    {
        ArgumentNullException.ThrowIfNull(journal);
        try
        {
            using var reader = ContentReader.Open(journal.Files, source);
            return source.Generation.Crc is not null && reader.MissingRanges().Count == 0 && MatchesChecksum(reader, source.Generation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalException)
        {
            return false;
        }
    };

    private static bool MatchesChecksum(ContentReader reader, Generation generation)
    {
        var crc = new Crc64();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long offset = 0; offset < generation.Size;)
            {
                var wanted = (int)Math.Min(BufferSize, generation.Size - offset);
                var got = reader.Read(offset, buffer.AsSpan(0, wanted));
                if (got == 0) return false;
                crc.Append(buffer.AsSpan(0, got));
                offset += got;
            }

            return generation.Crc == crc.Value;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
