using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.DevStore;

/// <summary>
/// Append-only file of committed changes, one per line: CRC-64 in hex, a space, JSON. A torn tail (kill or power cut in the
/// middle of an append) is cut off on load; nothing in it was ever acknowledged. Callers serialize <see cref="Append"/> and
/// <see cref="ReplaceWith"/>.
/// </summary>
internal sealed class MetadataLog : IDisposable
{
    private const int ChecksumLength = 16;
    private const string FileName = "metadata.log";
    private const string NewSuffix = ".new";
    private readonly string _directory;
    private readonly bool _durable;
    private readonly Lock _swap = new();
    private SafeFileHandle _file;
    private long _length;

    private MetadataLog(string directory, bool durable, SafeFileHandle file, long length)
    {
        _directory = directory;
        _durable = durable;
        _file = file;
        _length = length;
        LengthWhenCompact = length;
        Sync = new GroupSync(() =>
        {
            lock (_swap)
            {
                if (durable) RandomAccess.FlushToDisk(_file);
            }
        });
    }

    /// <summary>Makes appended records durable.</summary>
    public GroupSync Sync { get; }

    public long Length => Volatile.Read(ref _length);

    public long LengthWhenCompact { get; private set; }

    /// <summary>Opens the log of a folder and hands every intact record to <paramref name="replay"/>.</summary>
    public static MetadataLog Open(string directory, bool durable, Action<LogRecord> replay)
    {
        string path = Path.Combine(directory, FileName);
        File.Delete(path + NewSuffix);
        if (!File.Exists(path))
        {
            WriteNew(path, durable, []);
            File.Move(path + NewSuffix, path);
            if (durable) Durable.SyncDirectory(directory);
        }

        long intact = Replay(path, replay);
        SafeFileHandle file = OpenForAppend(path);
        if (RandomAccess.GetLength(file) > intact)
        {
            // Kept for whoever wants to look: bytes after a bad line are either a torn append or a sick disk.
            File.Copy(path, path + ".torn", overwrite: true);
            RandomAccess.SetLength(file, intact);
        }

        return new MetadataLog(directory, durable, file, intact);
    }

    /// <summary>Writes a record; it survives a kill on return and a power cut once <see cref="Sync"/> covers the ticket.</summary>
    public long Append(LogRecord record)
    {
        byte[] line = Encode(record);
        try
        {
            RandomAccess.Write(_file, line, _length);
        }
        catch
        {
            // Half a line (disk full) would make the next one unreadable.
            RandomAccess.SetLength(_file, _length);
            throw;
        }

        _length += line.Length;
        return Sync.Wrote();
    }

    /// <summary>Swaps the whole log for a shorter one with the same meaning. A failure leaves the old one in use.</summary>
    public void ReplaceWith(IEnumerable<LogRecord> records)
    {
        string path = Path.Combine(_directory, FileName);
        WriteNew(path, _durable, records);
        lock (_swap)
        {
            // Windows replaces no open file; whichever file has the name afterwards is a whole log.
            _file.Dispose();
            try
            {
                File.Move(path + NewSuffix, path, overwrite: true);
            }
            finally
            {
                _file = OpenForAppend(path);
            }

            Volatile.Write(ref _length, RandomAccess.GetLength(_file));
            LengthWhenCompact = _length;
        }

        if (_durable) Durable.SyncDirectory(_directory);
    }

    /// <summary>Puts the next rewriting off until the log has grown as much again.</summary>
    public void PostponeReplacement() => LengthWhenCompact = _length;

    public void Dispose()
    {
        _file.Dispose();
        Sync.Dispose();
    }

    private static SafeFileHandle OpenForAppend(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.Read);

    private static void WriteNew(string path, bool durable, IEnumerable<LogRecord> records)
    {
        using var stream = new FileStream(path + NewSuffix, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        stream.Write(Encode(new LogRecord.FormatMark(LogRecord.FormatMark.Current)));
        foreach (LogRecord record in records) stream.Write(Encode(record));
        stream.Flush(flushToDisk: durable);
    }

    private static byte[] Encode(LogRecord record)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(record, LogRecordJson.Default.LogRecord);
        var line = new byte[ChecksumLength + 1 + json.Length + 1];
        Encoding.ASCII.GetBytes(Crc64.Append(0, json).ToString("x16", CultureInfo.InvariantCulture), line);
        line[ChecksumLength] = (byte)' ';
        json.CopyTo(line, ChecksumLength + 1);
        line[^1] = (byte)'\n';
        return line;
    }

    /// <summary>Returns the length of the intact beginning.</summary>
    private static long Replay(string path, Action<LogRecord> replay)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        var buffer = new byte[1 << 20];
        int filled = 0;
        long intact = 0;
        while (true)
        {
            int read = stream.Read(buffer, filled, buffer.Length - filled);
            if (read == 0) return intact;
            filled += read;
            int start = 0;
            int newline;
            while ((newline = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0)
            {
                if (Decode(buffer.AsSpan(start, newline)) is not { } record) return intact;
                Check(record, first: intact == 0);
                replay(record);
                start += newline + 1;
                intact += newline + 1;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (filled == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        }
    }

    private static void Check(LogRecord record, bool first)
    {
        if (!first) return;
        if (record is not LogRecord.FormatMark { Version: LogRecord.FormatMark.Current })
            throw new InvalidDataException("The folder belongs to another version of the server.");
    }

    private static LogRecord? Decode(ReadOnlySpan<byte> line)
    {
        if (line.Length <= ChecksumLength
            || !ulong.TryParse(line[..ChecksumLength], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong crc))
            return null;
        ReadOnlySpan<byte> json = line[(ChecksumLength + 1)..];
        return Crc64.Append(0, json) == crc ? JsonSerializer.Deserialize(json, LogRecordJson.Default.LogRecord) : null;
    }
}
