using System.Buffers;
using Microsoft.Extensions.Logging;
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
    /// <param name="logger">Is told why one is not intact.</param>
    public static Func<ContentSource, bool> IsIntact(JournalStore journal, ILogger logger) => source =>
    {
        ArgumentNullException.ThrowIfNull(journal);
        var (id, crc) = (source.Generation.Id, source.Generation.Crc);
        try
        {
            using var reader = ContentReader.Open(journal.Files, source);
            if (crc is null || reader.MissingRanges().Count > 0)
            {
                logger.LogWarning("generation {Generation} cannot be proved: {Why}", id, crc is null ? "it has no checksum" : "ranges of it are only in the bucket");
                return false;
            }

            var found = Sum(reader);
            if (found != crc) logger.LogWarning("generation {Generation} has the checksum {Found:x16}, not {Wanted:x16}", id, found, crc);
            return found == crc;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalException)
        {
            logger.LogWarning(e, "generation {Generation} cannot be read", id);
            return false;
        }
    };

    private static ulong? Sum(ContentReader reader)
    {
        var crc = new Crc64();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long offset = 0; offset < reader.Size;)
            {
                var wanted = (int)Math.Min(BufferSize, reader.Size - offset);
                var got = reader.Read(offset, buffer.AsSpan(0, wanted));
                if (got == 0) return null;
                crc.Append(buffer.AsSpan(0, got));
                offset += got;
            }

            return crc.Value;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
