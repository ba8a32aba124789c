using System.Buffers;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Makes an overlay over a remote object whole: fetches the ranges that only the bucket has into the staging file, which has
/// holes there. Repeating it after a crash writes the same bytes again; only the last commit makes it count.
/// </summary>
internal sealed class Hydrator(TransferContext context)
{
    private const long RangeSize = 8 * 1024 * 1024;
    private const int BufferSize = 256 * 1024;

    public async Task FillAsync(ContentSource source, CancellationToken cancellationToken)
    {
        var generation = source.Generation;
        List<Extent> pieces;
        using (var reader = ContentReader.Open(context.Journal.Files, source)) pieces = [.. reader.Map!.Pieces(generation.Size)];
        using (var file = StagingFile.OpenForWriting(context.Journal.Files.FileOf(generation.Staging)))
        {
            foreach (var piece in pieces)
            {
                if (piece.Owner == ExtentOwner.Base) await FetchAsync(generation, piece, file, cancellationToken);
                else if (piece.Owner == ExtentOwner.Zeros) Clear(file, piece);
            }

            if (RandomAccess.GetLength(file) != generation.Size) RandomAccess.SetLength(file, generation.Size);
            context.Journal.Files.AmendMark(generation.Staging, StagingMark.Whole);
            RandomAccess.FlushToDisk(file);
        }

        CrashPoints.Reach(CrashPoints.StagingFetched);
        context.Journal.Commit(writer => writer.DetachBase(generation.Id));
    }

    private async Task FetchAsync(Generation generation, Extent piece, SafeFileHandle file, CancellationToken cancellationToken)
    {
        for (var offset = piece.Start; offset < piece.End; offset += RangeSize)
        {
            var range = new ByteRange(offset, Math.Min(RangeSize, piece.End - offset));
            using var lease = await context.Budget.AcquireAsync(range.Length, cancellationToken);
            try
            {
                await CopyAsync(generation, range, file, cancellationToken);
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.PreconditionFailed)
            {
                throw new StepFailedException(
                    Problem.Failed,
                    $"the unchanged parts of this file were only in the bucket under {generation.BaseKey}, and that object "
                    + (e.Kind == StoreErrorKind.NotFound ? "is gone" : "was replaced")
                    + ". What was written here is kept; restore the object or write the whole file again.");
            }
        }
    }

    private async Task CopyAsync(Generation generation, ByteRange range, SafeFileHandle file, CancellationToken cancellationToken)
    {
        using var body = await context.Store.GetAsync(generation.BaseKey!, range, generation.BaseETag, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var end = range.Offset + range.Length;
            for (var offset = range.Offset; offset < end;)
            {
                var read = await body.Content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(BufferSize, end - offset)), cancellationToken);
                if (read == 0) throw new StoreException(StoreErrorKind.Network, $"the body of {generation.BaseKey} ended early");
                RandomAccess.Write(file, buffer.AsSpan(0, read), offset);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The map says zeros; what lies below it in the file may be bytes that were cut off since.</summary>
    private static void Clear(SafeFileHandle file, Extent piece)
    {
        var buffer = new byte[BufferSize];
        var end = Math.Min(piece.End, RandomAccess.GetLength(file));
        for (var offset = piece.Start; offset < end; offset += BufferSize)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(BufferSize, end - offset));
            part = part[..RandomAccess.Read(file, part, offset)];
            if (!part.ContainsAnyExcept((byte)0)) continue;
            part.Clear();
            RandomAccess.Write(file, part, offset);
        }
    }
}
