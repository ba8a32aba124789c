using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using SyncAgent.Store;

namespace SyncAgent.Inner;

/// <summary>What is done with every byte that is sent, and what every request is signed with.</summary>
public class ChecksumLoops
{
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly byte[] _block = new byte[128 << 10];
    private readonly OssSigner _signer = new("cn-hangzhou", new StoreCredentials("id", "secret"));
    private readonly OssSigningRequest _request = new(
        "PUT", "bucket", "folder/file name.bin", [new("partNumber", "17"), new("uploadId", "0123456789ABCDEF0123456789ABCDEF")],
        [new("content-type", "application/octet-stream"), new("x-oss-content-sha256", OssSigner.UnsignedPayload), new("x-oss-date", OssSigner.FormatTime(Time))], []);

    [GlobalSetup]
    public void Fill() => new Random(1).NextBytes(_block);

    [Benchmark(Description = "CRC-64 of 128 KiB")]
    public ulong Crc() => Crc64.Append(0, _block);

    [Benchmark(Description = "CRC-64 of two blocks joined")]
    public ulong CrcCombined() => Crc64.Combine(0x1234, 0x5678, 128 << 10);

    [Benchmark(Description = "MD5 of 128 KiB, for comparison")]
    public byte[] Md5() => MD5.HashData(_block);

    [Benchmark(Description = "signing a request, OSS V4")]
    public string Sign() => _signer.Authorize(_request, Time);
}
