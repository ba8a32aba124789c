using System.Buffers;

namespace SyncAgent.Torture.Power;

/// <summary>A moment at which the power goes: all entries below <see cref="Flushed"/> are on the disk; of those from there to
/// <see cref="Issued"/> any part may be.</summary>
/// <param name="Flushed">Entries that the last completed flush covers.</param>
/// <param name="Issued">Entries that had been issued.</param>
/// <param name="Position">Length of the log at that moment, in bytes.</param>
/// <param name="Next">Length of the log once the next entry was in it.</param>
/// <param name="Seed">Chooses what of the unflushed writes is on the disk; null for nothing.</param>
internal sealed record CrashMoment(int Flushed, int Issued, long Position, long Next, int? Seed);

/// <summary>
/// Builds what a disk holds after a power cut: the start image with a log replayed to a flush, and of the writes behind it those sectors
/// that chance lets arrive. The replay goes forward only.
/// </summary>
internal sealed class CrashImages : IDisposable
{
    private const int BufferSize = 1 << 20;

    private readonly BlockLog _log;
    private readonly SparseImage _base;
    private int _applied;

    /// <summary>Begins with the image that the log's device began with, which is changed.</summary>
    public CrashImages(BlockLog log, string image)
    {
        _log = log;
        _base = SparseImage.Open(image);
    }

    /// <summary>The moments of a log to be looked at: each flush as it is, and some with a random part of the writes behind it.</summary>
    /// <param name="log">The log.</param>
    /// <param name="chance">Where the choices come from.</param>
    /// <param name="variants">Random parts for each flush that has writes behind it.</param>
    public static IReadOnlyList<CrashMoment> MomentsOf(BlockLog log, Random chance, int variants)
    {
        var moments = new List<CrashMoment>();
        var entries = log.Entries;
        var from = 0;
        for (var index = 0; index <= entries.Count; index++)
        {
            if (index < entries.Count && !entries[index].IsFlush) continue;
            Add(from, index);
            from = index + 1;
        }

        return moments;

        // Everything below "flushed" is on the disk; the next flush, or the end, is at "until".
        void Add(int flushed, int until)
        {
            moments.Add(Moment(flushed, flushed, null));
            for (var variant = 0; variant < variants && until > flushed; variant++)
                moments.Add(Moment(flushed, chance.Next(flushed, until) + 1, chance.Next()));
        }

        CrashMoment Moment(int flushed, int issued, int? seed) => new(
            flushed, issued, issued == 0 ? BlockLog.SectorSize : entries[issued - 1].End, issued < entries.Count ? entries[issued].End : long.MaxValue, seed);
    }

    /// <summary>Writes the image of a moment that is not before the last one.</summary>
    public void Make(CrashMoment moment, SparseImage image)
    {
        for (; _applied < moment.Flushed; _applied++) Apply(_log.Entries[_applied], _base);
        image.CopyFrom(_base);
        if (moment.Seed is { } seed) ApplySome(moment, new Random(seed), image);
    }

    /// <summary>Replays everything and tells where it differs from what the device holds in the end: nowhere, or this replay is wrong.</summary>
    public long? DifferenceAtEnd(string device)
    {
        for (; _applied < _log.Entries.Count; _applied++) Apply(_log.Entries[_applied], _base);
        using var other = SparseImage.Open(device);
        return _base.FirstDifference(other);
    }

    /// <inheritdoc/>
    public void Dispose() => _base.Dispose();

    // A disk may keep each sector of its cache or lose it. Whole requests are kept or lost most of the time; some are torn.
    private void ApplySome(CrashMoment moment, Random chance, SparseImage image)
    {
        var keep = chance.NextDouble();
        var torn = chance.Next(3) == 0 ? 0.5 : 0.1;

        // Which of them arrive is all that their order can change: a disk's cache holds one copy of a sector, the newest.
        foreach (var index in Enumerable.Range(moment.Flushed, moment.Issued - moment.Flushed))
        {
            var entry = _log.Entries[index];
            var forced = (entry.Flags & BlockFlags.ForceUnitAccess) != 0;
            if (!forced && chance.NextDouble() >= keep) continue;
            if (forced || !entry.IsWrite || chance.NextDouble() >= torn) Apply(entry, image);
            else ApplyTorn(entry, chance, image);
        }
    }

    private void ApplyTorn(in BlockEntry entry, Random chance, SparseImage image)
    {
        Span<byte> sector = stackalloc byte[BlockLog.SectorSize];
        for (var at = 0; at < entry.Sectors; at++)
        {
            if (chance.Next(2) == 0) continue;
            _log.Read(entry, at, sector);
            image.Write(sector, (entry.Sector + at) * BlockLog.SectorSize);
        }
    }

    private void Apply(in BlockEntry entry, SparseImage image)
    {
        if (!entry.IsWrite) return;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        for (var at = 0; at < entry.Sectors;)
        {
            var sectors = Math.Min(entry.Sectors - at, BufferSize / BlockLog.SectorSize);
            var bytes = buffer.AsSpan(0, sectors * BlockLog.SectorSize);
            _log.Read(entry, at, bytes);
            image.Write(bytes, (entry.Sector + at) * BlockLog.SectorSize);
            at += sectors;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
