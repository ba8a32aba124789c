using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.DevStore;

/// <summary>
/// Takes bytes once, in order, and knows their MD5 and CRC-64 at the end. Holds one reference to its blob until disposed:
/// whoever keeps the blob takes a reference of its own before that, and an abandoned blob deletes itself.
/// </summary>
internal sealed class BlobWriter(BlobStore store, long blob, string path, BlobDirectory directory, bool durable) : IDisposable
{
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private SafeFileHandle? _file;
    private long _length;
    private ulong _crc;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _file ??= File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
        RandomAccess.Write(_file, bytes, _length);
        _md5.AppendData(bytes);
        _crc = Crc64.Append(_crc, bytes);
        _length += bytes.Length;
    }

    /// <summary>Makes bytes and name durable and tells what was written. An empty blob has no file and no slice.</summary>
    public async Task<BlobContent> FinishAsync()
    {
        byte[] md5 = _md5.GetHashAndReset();
        if (_file is null) return new BlobContent([], 0, md5, _crc);
        if (durable)
        {
            RandomAccess.FlushToDisk(_file);
            await directory.Names.WaitAsync(directory.Names.Wrote());
        }

        _file.Dispose();
        return new BlobContent([new BlobSlice(blob, 0, _length)], _length, md5, _crc);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _md5.Dispose();
        store.Release([new BlobSlice(blob, 0, _length)]);
    }
}

/// <summary>What a finished writer, or a read of existing slices, found.</summary>
internal sealed record BlobContent(IReadOnlyList<BlobSlice> Slices, long Length, byte[] Md5, ulong Crc)
{
    public string ETag => Convert.ToHexString(Md5);
}
