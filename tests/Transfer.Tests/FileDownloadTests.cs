using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>Downloads from a store that states no CRC-64, only the MD5 of the whole, and whose bodies break.</summary>
public sealed class FileDownloadTests : IDisposable
{
    private const int Size = 1_000_000;
    private const int BreaksAt = 300_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("syncagent-download-");
    private readonly FakeObjectStore _store = new(new ManualTimeProvider());
    private readonly byte[] _bytes = TestDrive.Bytes(Size, 7);

    public FileDownloadTests()
    {
        _store.Capabilities = _store.Capabilities with { ObjectCrc64 = false };
        _store.PutForeign("k", _bytes);
    }

    private string Target => Path.Combine(_folder.FullName, "back");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_rest_of_a_broken_body_is_fetched_and_the_whole_is_right()
    {
        _store.Body = BreakFirst(rest => rest);
        var info = await DownloadAsync();
        Assert.Equal((Size, null), (info.Size, info.Crc64));
        Assert.Equal(_bytes, await File.ReadAllBytesAsync(Target, TestContext.Current.CancellationToken));
        Assert.Equal(2, _store.Calls.Count);
    }

    [Fact]
    public async Task Damage_in_the_rest_of_a_broken_body_is_found()
    {
        _store.Body = BreakFirst(rest =>
        {
            var bytes = rest.ToArray();
            bytes[^1] ^= 1;
            return new MemoryStream(bytes);
        });
        var error = await Assert.ThrowsAsync<StoreException>(DownloadAsync);
        Assert.Equal(StoreErrorKind.ChecksumMismatch, error.Kind);
        Assert.Empty(_folder.EnumerateFiles());
    }

    [Fact]
    public async Task An_object_that_is_replaced_while_its_body_breaks_is_not_joined_with_the_new_one()
    {
        var first = BreakFirst(rest => rest);
        _store.Body = (call, bytes) =>
        {
            _store.PutForeign("k", TestDrive.Bytes(Size, 8));
            return first(call, bytes);
        };
        var error = await Assert.ThrowsAsync<StoreException>(DownloadAsync);
        Assert.Equal(StoreErrorKind.PreconditionFailed, error.Kind);
        Assert.Empty(_folder.EnumerateFiles());
    }

    private Task<ObjectInfo> DownloadAsync() =>
        new FileDownloader(_store, new ManualTimeProvider()).DownloadAsync("k", Target, cancellationToken: TestContext.Current.CancellationToken);

    private static Func<FakeCall, MemoryStream, Stream> BreakFirst(Func<MemoryStream, Stream> then)
    {
        var bodies = 0;
        return (_, bytes) => ++bodies == 1 ? new BreakingStream(bytes.ToArray(), BreaksAt) : then(bytes);
    }

    private sealed class BreakingStream(byte[] bytes, int length) : MemoryStream(bytes, 0, length, writable: false)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            return count > 0 ? count : throw new StoreException(StoreErrorKind.Network, "connection reset");
        }
    }
}
