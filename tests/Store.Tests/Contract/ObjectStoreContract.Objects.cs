using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Store.Tests;

public abstract partial class ObjectStoreContract
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(131_072)]
    [InlineData(3_000_001)]
    public async Task What_is_put_is_what_head_and_get_give(int length)
    {
        var bytes = Bytes(length);
        var options = new ObjectOptions
        {
            ContentType = "text/x-test",
            Metadata = new Dictionary<string, string> { ["generation"] = "12", ["two-words"] = "a b=c;d" },
        };
        var stored = await PutAsync("o", bytes, options);
        AssertCrc(bytes, stored.Crc64);

        var info = (await Store.HeadAsync(Key("o"), default))!;
        Assert.Equal((Key("o"), (long)length, stored.ETag, "text/x-test"), (info.Key, info.Size, info.ETag, info.ContentType));
        Assert.Equal(options.Metadata.OrderBy(m => m.Key), info.Metadata.OrderBy(m => m.Key));
        AssertCrc(bytes, info.Crc64);
        Assert.InRange(info.LastModified, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(10));

        using var body = await Store.GetAsync(Key("o"), null, null, default);
        Assert.Equal((info.Size, info.ETag, info.LastModified), (body.Info.Size, body.Info.ETag, body.Info.LastModified));
        Assert.Equal(bytes, await ReadAsync("o"));
    }

    [Fact]
    public async Task A_put_replaces_bytes_and_metadata()
    {
        await PutAsync("o", Bytes(100), new ObjectOptions { Metadata = new Dictionary<string, string> { ["old"] = "1" } });
        var second = await PutAsync("o", Bytes(50, seed: 2));
        var info = (await Store.HeadAsync(Key("o"), default))!;
        Assert.Equal((50L, second.ETag), (info.Size, info.ETag));
        Assert.Empty(info.Metadata);
        Assert.Equal(Bytes(50, seed: 2), await ReadAsync("o"));
    }

    [Fact]
    public async Task What_is_not_there()
    {
        Assert.Null(await Store.HeadAsync(Key("none"), default));
        await ThrowsAsync(StoreErrorKind.NotFound, () => Store.GetAsync(Key("none"), null, null, default));
        await Store.DeleteAsync(Key("none"), default);
    }

    [Fact]
    public async Task Deleting_removes_and_may_be_repeated()
    {
        await PutAsync("o", "x");
        await Store.DeleteAsync(Key("o"), default);
        Assert.Null(await Store.HeadAsync(Key("o"), default));
        await Store.DeleteAsync(Key("o"), default);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 1000)]
    [InlineData(999, 1)]
    [InlineData(100, 333)]
    [InlineData(990, 5000)]
    public async Task A_range_is_exactly_that_range(int offset, int length)
    {
        var bytes = Bytes(1000);
        await PutAsync("o", bytes);
        using var body = await Store.GetAsync(Key("o"), new ByteRange(offset, length), null, default);
        Assert.Equal(1000, body.Info.Size);
        Assert.Equal(bytes[offset..Math.Min(1000, offset + length)], await ReadAsync("o", new ByteRange(offset, length)));
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_refused()
    {
        await PutAsync("o", Bytes(1000));
        var error = await Assert.ThrowsAsync<StoreException>(() => Store.GetAsync(Key("o"), new ByteRange(1000, 1), null, default));
        Assert.Equal(416, error.HttpStatus);
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task A_read_of_what_was_replaced_meanwhile_fails_instead_of_mixing()
    {
        var first = await PutAsync("o", "first");
        Assert.Equal("first", Encoding.UTF8.GetString(await ReadAsync("o", ifMatch: first.ETag)));
        Assert.Equal("irs", Encoding.UTF8.GetString(await ReadAsync("o", new ByteRange(1, 3), first.ETag)));
        await PutAsync("o", "other");
        await ThrowsAsync(StoreErrorKind.PreconditionFailed, () => Store.GetAsync(Key("o"), null, first.ETag, default));
        await ThrowsAsync(StoreErrorKind.PreconditionFailed, () => Store.GetAsync(Key("o"), new ByteRange(1, 3), first.ETag, default));
    }

    [Fact]
    public async Task A_body_can_be_left_unread()
    {
        await PutAsync("o", Bytes(5_000_000));
        for (var i = 0; i < 5; i++)
        {
            using var body = await Store.GetAsync(Key("o"), null, null, default);
            await body.Content.ReadExactlyAsync(new byte[10]);
        }

        Assert.Equal(Bytes(5_000_000), await ReadAsync("o"));
    }

    [Fact]
    public async Task Create_only_never_overwrites()
    {
        Assert.Equal(StoreChecksCreateOnly, Store.Capabilities.ForbidOverwrite);
        var createOnly = new ObjectOptions { ForbidOverwrite = true };
        await PutAsync("o", Bytes(10), createOnly);
        await ThrowsAsync(StoreErrorKind.AlreadyExists, () => PutAsync("o", Bytes(10, seed: 2), createOnly));
        // Large enough to be asked about first.
        await ThrowsAsync(StoreErrorKind.AlreadyExists, () => PutAsync("o", Bytes(3_000_000, seed: 2), createOnly));
        Assert.Equal(Bytes(10), await ReadAsync("o"));
        await Store.DeleteAsync(Key("o"), default);
        await PutAsync("o", Bytes(10, seed: 2), createOnly);
    }

    [Fact]
    public async Task A_body_that_does_not_fit_its_md5_is_refused_and_nothing_stored()
    {
        var bytes = Bytes(1000);
        await Store.PutAsync(Key("right"), new BytesContent(bytes) { Md5 = MD5.HashData(bytes), Crc64 = Crc64.Compute(bytes) }, ObjectOptions.None, default);
        await ThrowsAsync(
            StoreErrorKind.ChecksumMismatch,
            () => Store.PutAsync(Key("wrong"), new BytesContent(bytes) { Md5 = new byte[16] }, ObjectOptions.None, default));
        Assert.Null(await Store.HeadAsync(Key("wrong"), default));
    }

    [Fact]
    public async Task Local_bytes_that_changed_are_never_stored()
    {
        await PutAsync("o", "before");
        await ThrowsAsync(
            StoreErrorKind.SourceChanged,
            () => Store.PutAsync(Key("o"), new BytesContent(Bytes(500_000)) { Crc64 = 1 }, ObjectOptions.None, default));
        Assert.Equal("before", Encoding.UTF8.GetString(await ReadAsync("o")));
    }

    public static TheoryData<string> OddNames =>
    [
        "a b", "a+b", "100%", "%41", "%2e%2e", "a&b=c", "q?u", "hash#", "semi;colon", "co:lon", "quote\"'", "<tag>&amp;", "(p)[b]{c}", "star*",
        "pipe|", "^`", "back\\slash", "trailing.", "trailing ", " leading", "tab\tin", "a//b", "./x", "../x", "x/./y", "x/../y", "é", "e\u0301",
        "你好/世界", "😀", "~tilde", "a/", ".", "..", "\u007f", "comma,", "at@", "$!",
    ];

    [Theory]
    [MemberData(nameof(OddNames))]
    public async Task Odd_names_stay_what_they_are(string name)
    {
        var bytes = Encoding.UTF8.GetBytes("<" + name + ">");
        await PutAsync(name, bytes);
        Assert.Equal(bytes, await ReadAsync(name));
        Assert.Equal(Key(name), (await Store.HeadAsync(Key(name), default))!.Key);
        Assert.Equal([Key(name)], (await ListAllAsync(new ListRequest(Prefix))).Keys);
        await Store.CopyAsync(Key(name), null, Key(name + "2"), false, ObjectOptions.None, default);
        Assert.Equal(bytes, await ReadAsync(name + "2"));
        await Store.DeleteAsync(Key(name), default);
        Assert.Equal([Key(name + "2")], (await ListAllAsync(new ListRequest(Prefix))).Keys);
    }

    [Fact]
    public async Task Many_at_once_do_not_mix()
    {
        await Parallel.ForAsync(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, _) =>
        {
            var bytes = Bytes(200_000 + n, seed: n);
            await PutAsync($"{n}", bytes);
            Assert.Equal(bytes, await ReadAsync($"{n}"));
            Assert.Equal(bytes[n..(n + 1000)], await ReadAsync($"{n}", new ByteRange(n, 1000)));
        });
    }

    [Fact]
    public async Task The_longest_name()
    {
        var name = new string('é', (1023 - Encoding.UTF8.GetByteCount(Prefix)) / 2);
        await PutAsync(name, "x");
        Assert.Equal([Key(name)], (await ListAllAsync(new ListRequest(Prefix))).Keys);
        await ThrowsAsync(StoreErrorKind.InvalidName, () => PutAsync(name + "éé", "x"));
    }
}
