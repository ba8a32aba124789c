using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Torture.Power;

/// <summary>What a logged request was. The values are the format's.</summary>
[Flags]
internal enum BlockFlags
{
    /// <summary>A write.</summary>
    None = 0,

    /// <summary>All writes that ended before it are on the disk for good.</summary>
    Flush = 1,

    /// <summary>The write itself is on the disk for good.</summary>
    ForceUnitAccess = 2,

    /// <summary>The sectors may be forgotten; no data follows.</summary>
    Discard = 4,
}

/// <summary>One logged request. Sectors of 512 bytes, offsets in bytes.</summary>
/// <param name="Sector">First sector on the device.</param>
/// <param name="Sectors">How many; 0 for a bare flush.</param>
/// <param name="Flags">What it was.</param>
/// <param name="Data">Where its bytes begin in the log.</param>
/// <param name="End">Where the next entry begins in the log.</param>
internal readonly record struct BlockEntry(long Sector, int Sectors, BlockFlags Flags, long Data, long End)
{
    /// <summary>Whether it makes what came before it last.</summary>
    public bool IsFlush => (Flags & BlockFlags.Flush) != 0;

    /// <summary>Whether it changes sectors.</summary>
    public bool IsWrite => Sectors > 0 && (Flags & BlockFlags.Discard) == 0;
}

/// <summary>
/// A log of a block device's requests in the format of dm-log-writes, as QEMU's blklogwrites writes it: a superblock sector, then per
/// request a sector with its head and the data. It is read to its last whole entry: the count in the superblock is stale after a kill.
/// </summary>
internal sealed class BlockLog : IDisposable
{
    /// <summary>Bytes of a sector.</summary>
    public const int SectorSize = 512;

    private const ulong Magic = 0x6a736677736872;

    private readonly SafeFileHandle _file;

    private BlockLog(SafeFileHandle file, List<BlockEntry> entries)
    {
        _file = file;
        Entries = entries;
    }

    /// <summary>All whole entries, in the order in which the device was done with them.</summary>
    public IReadOnlyList<BlockEntry> Entries { get; }

    /// <summary>Opens a log.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">What lies behind is left out, in bytes.</param>
    /// <exception cref="InvalidDataException">It is no such log.</exception>
    public static BlockLog Open(string path, long length)
    {
        var file = File.OpenHandle(path, share: FileShare.ReadWrite);
        Span<byte> head = stackalloc byte[SectorSize];
        if (RandomAccess.Read(file, head, 0) < SectorSize || BinaryPrimitives.ReadUInt64LittleEndian(head) != Magic)
            throw new InvalidDataException($"{path} is no log of a block device.");
        if (BinaryPrimitives.ReadInt32LittleEndian(head[24..]) != SectorSize) throw new InvalidDataException($"{path} has other sectors than 512 bytes.");
        var entries = new List<BlockEntry>();
        for (long at = SectorSize; at + SectorSize <= length && RandomAccess.Read(file, head, at) == SectorSize;)
        {
            var sectors = BinaryPrimitives.ReadInt64LittleEndian(head[8..]);
            var flags = (BlockFlags)BinaryPrimitives.ReadInt64LittleEndian(head[16..]);
            var data = at + SectorSize;
            var end = data + ((flags & BlockFlags.Discard) != 0 ? 0 : sectors * SectorSize);
            if (end > length) break;
            entries.Add(new BlockEntry(BinaryPrimitives.ReadInt64LittleEndian(head), checked((int)sectors), flags, data, end));
            at = end;
        }

        return new BlockLog(file, entries);
    }

    /// <summary>Reads an entry's bytes, from a sector of it on.</summary>
    public void Read(in BlockEntry entry, int fromSector, Span<byte> buffer)
    {
        var read = RandomAccess.Read(_file, buffer, entry.Data + ((long)fromSector * SectorSize));
        if (read != buffer.Length) throw new EndOfStreamException("the log ends inside an entry");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
