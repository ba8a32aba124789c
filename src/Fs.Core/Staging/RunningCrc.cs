using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>CRC-64 of a file as it is written from front to back; lost by the first write out of order, and found again when the
/// file is cut to nothing.</summary>
internal struct RunningCrc
{
    private ulong _crc;
    private long _position;
    private bool _known;

    /// <summary>Starts with content whose checksum is known.</summary>
    public static RunningCrc StartAfter(ulong crc, long length) => new() { _crc = crc, _position = length, _known = true };

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        if (!_known) return;
        if (offset != _position)
        {
            _known = false;
            return;
        }

        _crc = Crc64.Append(_crc, data);
        _position += data.Length;
    }

    public void Truncate(long size)
    {
        if (size == 0) this = StartAfter(0, 0);
        else if (size != _position) _known = false;
    }

    /// <summary>The checksum of the first <paramref name="size"/> bytes, or null when it is not known.</summary>
    public readonly ulong? At(long size) => _known && _position == size ? _crc : null;
}
