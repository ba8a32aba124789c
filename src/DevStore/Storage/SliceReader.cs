using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.DevStore;

/// <summary>Reads a list of slices as one run of bytes. Keeps the blobs alive until disposed, whatever happens to the object.</summary>
internal sealed class SliceReader : IDisposable
{
    private readonly BlobStore _blobs;
    private readonly IReadOnlyList<BlobSlice> _slices;
    private int _index;
    private long _offset;
    private SafeFileHandle? _file;

    /// <param name="retained">Slices that the caller has taken references to; this reader gives them back.</param>
    public SliceReader(BlobStore blobs, IReadOnlyList<BlobSlice> retained)
    {
        _blobs = blobs;
        _slices = retained;
        Length = retained.Sum(s => s.Length);
    }

    public long Length { get; }

    /// <summary>The next bytes, 0 at the end.</summary>
    public int Read(Span<byte> buffer)
    {
        while (_index < _slices.Count)
        {
            BlobSlice slice = _slices[_index];
            int wanted = (int)Math.Min(buffer.Length, slice.Length - _offset);
            if (wanted > 0)
            {
                _file ??= _blobs.OpenRead(slice.Blob);
                int read = RandomAccess.Read(_file, buffer[..wanted], slice.Offset + _offset);
                if (read == 0) throw new InvalidDataException($"Blob {slice.Blob:x16} is shorter than its record says.");
                _offset += read;
                return read;
            }

            _file?.Dispose();
            _file = null;
            _offset = 0;
            _index++;
        }

        return 0;
    }

    /// <summary>Digests of all bytes, for copies that make a part without moving bytes.</summary>
    public BlobContent Digest()
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        ulong crc = 0;
        var buffer = new byte[64 << 10];
        int read;
        while ((read = Read(buffer)) > 0)
        {
            md5.AppendData(buffer.AsSpan(0, read));
            crc = Crc64.Append(crc, buffer.AsSpan(0, read));
        }

        return new BlobContent(_slices, Length, md5.GetHashAndReset(), crc);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _blobs.Release(_slices);
    }

    /// <summary>The slices of a byte range.</summary>
    public static IReadOnlyList<BlobSlice> Cut(IReadOnlyList<BlobSlice> slices, long start, long length)
    {
        var cut = new List<BlobSlice>();
        long end = start + length;
        long position = 0;
        foreach (BlobSlice slice in slices)
        {
            long from = Math.Max(start, position);
            long to = Math.Min(end, position + slice.Length);
            if (from < to) cut.Add(slice with { Offset = slice.Offset + from - position, Length = to - from });
            position += slice.Length;
        }

        return cut;
    }
}
