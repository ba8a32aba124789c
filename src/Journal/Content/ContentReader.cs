using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>Reads a sealed generation through its extent map. Thread-safe; its files stay open until disposed, also when their
/// names are deleted meanwhile.</summary>
public sealed class ContentReader : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly SafeFileHandle? _base;

    private ContentReader(Generation generation, SafeFileHandle file, SafeFileHandle? lower, ExtentMap? map)
    {
        Generation = generation;
        _file = file;
        _base = lower;
        Map = map;
    }

    /// <summary>The generation.</summary>
    public Generation Generation { get; }

    /// <summary>Length in bytes.</summary>
    public long Size => Generation.Size;

    /// <summary>The map of an overlay, or null when the staging file stands alone.</summary>
    public ExtentMap? Map { get; }

    /// <summary>Opens a generation. Throws <see cref="FileNotFoundException"/> when its staging file is missing.</summary>
    public static ContentReader Open(StagingFolder files, ContentSource source)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(source);
        var g = source.Generation;
        var map = g.Base == BaseKind.None ? null : ExtentLog.Read(files.MapOf(g.Staging), g.BaseSize);
        var file = StagingFile.OpenForReading(files.FileOf(g.Staging));
        try
        {
            var lower = g.Base == BaseKind.Local
                ? StagingFile.OpenForReading(files.FileOf(source.BaseStaging ?? throw new FileNotFoundException($"base of generation {g.Id} is missing")))
                : null;
            return new ContentReader(g, file, lower, map);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The ranges that only the remote base has; empty when all bytes are local.</summary>
    public IReadOnlyList<Extent> MissingRanges() =>
        Map is null || Generation.Base != BaseKind.Remote
            ? []
            : Map.Pieces(Size).Where(piece => piece.Owner == ExtentOwner.Base).ToList();

    /// <summary>Reads bytes; fewer than asked only at the end. Throws <see cref="InvalidOperationException"/> for a range that only
    /// the remote base has.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        var end = Math.Min(Size, offset + buffer.Length);
        var total = 0;
        while (offset < end)
        {
            var piece = Map is null ? new Extent(offset, end, ExtentOwner.Overlay) : Map.At(offset, end);
            var part = buffer.Slice(total, (int)piece.Length);
            switch (piece.Owner)
            {
                case ExtentOwner.Overlay:
                    Fill(_file, part, offset);
                    break;
                case ExtentOwner.Base:
                    Fill(_base ?? throw new InvalidOperationException("this range has not been fetched yet"), part, offset);
                    break;
                default:
                    part.Clear();
                    break;
            }

            total += part.Length;
            offset = piece.End;
        }

        return total;
    }

    /// <summary>Whether the bytes from <paramref name="offset"/> on are data or a hole, and how long they stay so, at most to
    /// <paramref name="limit"/>. What only the remote base has counts as data.</summary>
    public DataRun RunAt(long offset, long limit)
    {
        var piece = Map?.At(offset, limit) ?? new Extent(offset, limit, ExtentOwner.Overlay);
        return piece.Owner switch
        {
            ExtentOwner.Overlay => SparseFile.RunAt(_file, offset, piece.End),
            ExtentOwner.Base when _base is not null => SparseFile.RunAt(_base, offset, piece.End),
            _ => new DataRun(piece.End, piece.Owner == ExtentOwner.Base),
        };
    }

    /// <summary>Bytes of the disk that the content takes; of a base those that are still its own count, as if it had no holes.</summary>
    public long StoredBytes => SparseFile.AllocatedBytes(_file) + (Map?.BaseBytes ?? 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _base?.Dispose();
    }

    private static void Fill(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(file, buffer, offset);
            if (read == 0)
            {
                // past the end of a sparse file's allocated length: a hole
                buffer.Clear();
                return;
            }

            buffer = buffer[read..];
            offset += read;
        }
    }
}
