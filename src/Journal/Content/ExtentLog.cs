using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

/// <summary>
/// An overlay's extent map on disk: a log beside the staging file, appended before a write is acknowledged, so that the map
/// is byte-exact after a kill without a journal commit per write. A record is 24 bytes, little-endian: offset, length (or -1
/// for "cut to offset"), FNV-1a of the first 16. A torn or damaged tail ends the log.
/// </summary>
public sealed class ExtentLog : IDisposable
{
    private const int RecordSize = 24;
    private const long CutMark = -1;

    private readonly SafeFileHandle _file;
    private readonly byte[] _record = new byte[RecordSize];
    private long _length;

    private ExtentLog(SafeFileHandle file, ExtentMap map, long length)
    {
        _file = file;
        _length = length;
        Map = map;
    }

    /// <summary>The map as the log has it.</summary>
    public ExtentMap Map { get; }

    /// <summary>The open log file, to be made durable together with its staging file.</summary>
    public SafeFileHandle Handle => _file;

    /// <summary>Creates the log of a new overlay over a base of <paramref name="baseSize"/> bytes.</summary>
    public static ExtentLog Create(string path, long baseSize) =>
        new(StagingFile.Create(path), new ExtentMap(baseSize), 0);

    /// <summary>Empties a log, or creates it, for a base of <paramref name="baseSize"/> bytes. The file stays the same one: after a power cut
    /// its name never leads back to what it said before.</summary>
    public static ExtentLog Renew(string path, long baseSize)
    {
        if (!File.Exists(path)) return Create(path, baseSize);
        var file = StagingFile.OpenForWriting(path);
        RandomAccess.SetLength(file, 0);
        return new ExtentLog(file, new ExtentMap(baseSize), 0);
    }

    /// <summary>Opens a log to go on with it.</summary>
    public static ExtentLog Open(string path, long baseSize)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var (map, length) = Load(file, baseSize);
        RandomAccess.SetLength(file, length); // behind a damaged record nothing may come alive again
        return new ExtentLog(file, map, length);
    }

    /// <summary>Reads a log without keeping it open.</summary>
    public static ExtentMap Read(string path, long baseSize)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Load(file, baseSize).Map;
    }

    /// <summary>The overlay's bytes [start, end) are its own now. Bytes that were so before cost nothing.</summary>
    public void Add(long start, long end)
    {
        // On disk first: a range that the map has and the log lacks would read as the base's after a restart.
        if (Map.Covers(start, end)) return;
        Append(start, end - start);
        Map.Add(start, end);
    }

    /// <summary>The file was cut to a length.</summary>
    public void Truncate(long size)
    {
        Append(size, CutMark);
        Map.Truncate(size);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static (ExtentMap Map, long Length) Load(SafeFileHandle file, long baseSize)
    {
        var map = new ExtentMap(baseSize);
        var buffer = new byte[RecordSize * 1024];
        long position = 0;
        while (true)
        {
            var read = RandomAccess.Read(file, buffer, position);
            var usable = read - (read % RecordSize);
            for (var at = 0; at < usable; at += RecordSize)
            {
                var record = buffer.AsSpan(at, RecordSize);
                if (BinaryPrimitives.ReadUInt64LittleEndian(record[16..]) != RowChecksum.Of(record[..16])) return (map, position + at);
                var offset = BinaryPrimitives.ReadInt64LittleEndian(record);
                var length = BinaryPrimitives.ReadInt64LittleEndian(record[8..]);
                if (length == CutMark) map.Truncate(offset);
                else map.Add(offset, offset + length);
            }

            position += usable;
            if (usable == 0) return (map, position);
        }
    }

    private void Append(long offset, long length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_record, offset);
        BinaryPrimitives.WriteInt64LittleEndian(_record.AsSpan(8), length);
        BinaryPrimitives.WriteUInt64LittleEndian(_record.AsSpan(16), RowChecksum.Of(_record.AsSpan(0, 16)));
        RandomAccess.Write(_file, _record, _length);
        _length += RecordSize;
    }
}
