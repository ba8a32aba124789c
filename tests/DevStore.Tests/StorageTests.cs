using System.Net;
using System.Text;

namespace SyncAgent.DevStore.Tests;

/// <summary>The folder: what is left behind, torn, foreign or in use.</summary>
public sealed class StorageTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("devstore-files-").FullName;

    private string LogPath => Path.Combine(_root, "metadata.log");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Lines as 0.1.0 wrote them, before there were versions.</summary>
    [Fact]
    public async Task A_folder_from_before_versions_opens_and_may_keep_versions_from_then_on()
    {
        const string attributes = """{"ContentType":"text/x","Headers":{"x-oss-meta-a":"b"},"StorageClass":"IA","Acl":"private","Tags":[{"Key":"k","Value":"v"}]}""";
        string[] lines =
        [
            """{"t":"format","Version":1}""",
            """{"t":"bucket","Bucket":{"Name":"bucket","Created":"2025-01-02T03:04:05+00:00","Acl":"private","StorageClass":"Standard"}}""",
            $$$"""{"t":"object","Object":{"Bucket":"bucket","Key":"old","Slices":[],"Size":0,"ETag":"D41D8CD98F00B204E9800998ECF8427E","Crc":0,"LastModified":"2025-01-02T03:04:05+00:00","Attributes":{{{attributes}}},"ContentMd5":"1B2M2Y8AsgTpgAmY7PhCfg==","IsMultipart":false}}""",
            """{"t":"object","Object":{"Bucket":"bucket","Key":"gone","Slices":[],"Size":0,"ETag":"D41D8CD98F00B204E9800998ECF8427E","Crc":0,"LastModified":"2025-01-02T03:04:05+00:00","Attributes":{},"IsMultipart":false}}""",
            """{"t":"object-","Bucket":"bucket","Key":"gone"}""",
        ];
        await File.WriteAllLinesAsync(LogPath, lines.Select(line => $"{Crc64.Append(0, Encoding.UTF8.GetBytes(line)):x16} {line}"));
        using (var catalog = Catalog.Open(_root, durable: false))
        {
            Assert.Equal(["old"], KeysOf(catalog));
            ObjectRecord old = catalog.Read(state => state.GetObject("bucket", "old"));
            Assert.Equal(("IA", "private", "k", null, 0L), (old.Attributes.StorageClass, old.Attributes.Acl, old.Attributes.Tags[0].Key, old.VersionId, old.Sequence));
            await catalog.CommitAsync(state => new LogRecord.BucketSet(state.GetBucket("bucket").Record with { Versioning = BucketRecord.VersioningEnabled }));
            await catalog.CommitAsync(state => new LogRecord.ObjectSet(state.Stamp(old with { ETag = "NEW" })));
        }

        using var reopened = Catalog.Open(_root, durable: false, compactionThreshold: 1);
        Assert.Equal(["NEW", "D41D8CD98F00B204E9800998ECF8427E"], reopened.Read(state => state.GetBucket("bucket").VersionsOf("old").Select(v => v.ETag).ToList()));
    }

    /// <summary>The current version follows from the versions alone, so a rewritten log may list them in any order.</summary>
    [Fact]
    public async Task Compaction_keeps_every_version_and_which_is_current()
    {
        List<string> expected;
        using (var catalog = Catalog.Open(_root, durable: false, compactionThreshold: 1))
        {
            await catalog.CommitAsync(_ => new LogRecord.BucketSet(
                new BucketRecord("bucket", DateTimeOffset.UnixEpoch, "private", "Standard") { Versioning = BucketRecord.VersioningEnabled }));
            for (int round = 0; round < 20; round++)
            {
                string key = $"k{round % 3}";
                await PutAsync(catalog, key, ServerTest.Bytes(10, round));
                ObjectRecord item = catalog.Read(state => state.GetBucket("bucket").VersionsOf(key).First(v => v.VersionId is null));
                bool marker = round % 5 == 4;
                await catalog.CommitAsync(state => new LogRecord.ObjectSet(state.Stamp(item with { IsDeleteMarker = marker, Slices = marker ? [] : item.Slices })));
            }

            expected = catalog.Read(Describe);
        }

        using var reopened = Catalog.Open(_root, durable: false);
        Assert.Equal(expected, reopened.Read(Describe));

        static List<string> Describe(CatalogState state) =>
        [
            .. state.GetBucket("bucket").Objects.Values.Select(o => $"current {o.Key} {o.VersionId}"),
            .. state.GetBucket("bucket").Hidden.Values.Select(o => $"hidden {o.Key} {o.VersionId} {o.IsDeleteMarker}"),
        ];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_torn_tail_is_cut_at_every_length(bool garbled)
    {
        await FillAsync("a", "b");
        byte[] whole = await File.ReadAllBytesAsync(LogPath);
        int lastLine = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (int length = lastLine; length < whole.Length; length += 37)
        {
            byte[] torn = whole[..length];
            if (garbled) torn = [.. torn, 0, 0, 0, (byte)'\n'];
            await File.WriteAllBytesAsync(LogPath, torn);
            using var catalog = Catalog.Open(_root, durable: false);
            Assert.Equal(["a"], KeysOf(catalog));
            Assert.Equal(lastLine, new FileInfo(LogPath).Length);
        }
    }

    /// <summary>With a tiny threshold the log is rewritten all the time, amid parallel commits and their fsyncs.</summary>
    [Fact]
    public async Task Compaction_changes_nothing_but_the_length()
    {
        const int writers = 4;
        const int rounds = 100;
        using (var catalog = Catalog.Open(_root, durable: true, compactionThreshold: 1))
        {
            await catalog.CommitAsync(_ => new LogRecord.BucketSet(new BucketRecord("bucket", DateTimeOffset.UnixEpoch, "private", "Standard")));
            await catalog.CommitAsync(_ => new LogRecord.UploadStarted(new UploadRecord("id", "bucket", "u", DateTimeOffset.UnixEpoch, new ObjectAttributes())));
            await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
            {
                for (int round = 1; round <= rounds; round++)
                {
                    await PutAsync(catalog, $"k{writer}", ServerTest.Bytes(100, (writer * rounds) + round));
                    using BlobWriter part = catalog.Blobs.Create();
                    part.Append([1, 2]);
                    BlobContent content = await part.FinishAsync();
                    await catalog.CommitAsync(_ =>
                        new LogRecord.PartSet("id", new PartRecord(writer, content.Slices, 2, content.ETag, content.Crc, DateTimeOffset.UnixEpoch)));
                }
            })));
            Assert.InRange(new FileInfo(LogPath).Length, 1, 4 * 8000);
            Assert.Equal(2 * writers, BlobCount());
        }

        using var reopened = Catalog.Open(_root, durable: true);
        Assert.Equal(["k0", "k1", "k2", "k3"], KeysOf(reopened));
        Assert.Equal([0, 1, 2, 3], reopened.Read(s => s.GetUpload("bucket", "u", "id").Parts.Keys.ToList()));
        (_, SliceReader reader) = reopened.Open(s => (s.GetObject("bucket", "k2"), s.GetObject("bucket", "k2").Slices));
        using (reader)
        {
            var bytes = new byte[100];
            Assert.Equal(100, reader.Read(bytes));
            Assert.Equal(ServerTest.Bytes(100, (2 * rounds) + rounds), bytes);
        }
    }

    [Fact]
    public async Task After_a_failed_fsync_nothing_is_acknowledged()
    {
        bool fail = false;
        using var sync = new GroupSync(() =>
        {
            if (fail) throw new IOException("disk");
        });
        await sync.WaitAsync(sync.Wrote());
        fail = true;
        await Assert.ThrowsAsync<IOException>(() => sync.WaitAsync(sync.Wrote()));
        fail = false;
        await Assert.ThrowsAsync<IOException>(() => sync.WaitAsync(sync.Wrote()));
    }

    [Fact]
    public async Task Leftovers_are_deleted_and_numbers_never_come_back()
    {
        await FillAsync("a");
        string folder = Directory.GetDirectories(Path.Combine(_root, "blobs")).Single();
        await File.WriteAllBytesAsync(Path.Combine(folder, "00000000000000ff"), [1]);
        await File.WriteAllBytesAsync(LogPath + ".new", [1]);
        await FillAsync("b");
        Assert.False(File.Exists(LogPath + ".new"));
        Assert.Equal(["0000000000000000", "0000000000000100"], Directory.GetFiles(folder).Select(f => Path.GetFileName(f)!).Order());
    }

    [Fact]
    public async Task One_server_per_folder_and_loopback_only()
    {
        var options = new DevStoreOptions { RootDirectory = _root };
        await using (DevStoreServer server = await DevStoreServer.StartAsync(options))
        {
            await Assert.ThrowsAsync<IOException>(() => DevStoreServer.StartAsync(options));
            Assert.Equal("127.0.0.1", server.Endpoint.Host);
        }

        await Assert.ThrowsAsync<ArgumentException>(() => DevStoreServer.StartAsync(options with { BindAddress = IPAddress.Any }));
        await Assert.ThrowsAsync<ArgumentException>(() => DevStoreServer.StartAsync(options with { CreateBuckets = ["No"] }));
        await (await DevStoreServer.StartAsync(options)).DisposeAsync();
    }

    [Fact]
    public async Task A_later_format_is_refused()
    {
        await FillAsync("a");
        string text = await File.ReadAllTextAsync(LogPath);
        byte[] later = """{"t":"format","Version":2}"""u8.ToArray();
        await File.WriteAllTextAsync(LogPath, $"{Crc64.Append(0, later):x16} {System.Text.Encoding.UTF8.GetString(later)}\n{text[(text.IndexOf('\n') + 1)..]}");
        Assert.Throws<InvalidDataException>(() => Catalog.Open(_root, durable: false));
    }

    private async Task FillAsync(params string[] keys)
    {
        using var catalog = Catalog.Open(_root, durable: true);
        await catalog.CommitAsync(_ => new LogRecord.BucketSet(new BucketRecord("bucket", DateTimeOffset.UnixEpoch, "private", "Standard")));
        foreach (string key in keys) await PutAsync(catalog, key, [1, 2, 3]);
    }

    private static async Task PutAsync(Catalog catalog, string key, byte[] bytes)
    {
        using BlobWriter writer = catalog.Blobs.Create();
        writer.Append(bytes);
        BlobContent content = await writer.FinishAsync();
        await catalog.CommitAsync(_ => new LogRecord.ObjectSet(new ObjectRecord
        {
            Bucket = "bucket",
            Key = key,
            Slices = content.Slices,
            Size = content.Length,
            ETag = content.ETag,
            Crc = content.Crc,
            LastModified = DateTimeOffset.UnixEpoch,
            Attributes = new ObjectAttributes(),
        }));
    }

    private static List<string> KeysOf(Catalog catalog) => catalog.Read(s => s.GetBucket("bucket").Objects.Values.Select(o => o.Key).ToList());

    private int BlobCount() => Directory.GetFiles(Path.Combine(_root, "blobs"), "*", SearchOption.AllDirectories).Length;
}
