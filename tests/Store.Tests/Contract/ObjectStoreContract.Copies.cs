namespace SyncAgent.Store.Tests;

public abstract partial class ObjectStoreContract
{
    private static readonly ObjectOptions Tagged = new() { ContentType = "text/x", Metadata = new Dictionary<string, string> { ["who"] = "source" } };

    [Fact]
    public async Task A_copy_has_the_bytes_and_the_metadata_of_its_source()
    {
        var source = await PutAsync("s", Bytes(1000), Tagged);
        var copy = await Store.CopyAsync(Key("s"), source.ETag, Key("c"), false, ObjectOptions.None, default);
        var info = (await Store.HeadAsync(Key("c"), default))!;
        Assert.Equal((copy.ETag, 1000L, "text/x", "source"), (info.ETag, info.Size, info.ContentType, info.Metadata["who"]));
        Assert.True(copy.Crc64 is null || copy.Crc64 == Crc64.Compute(Bytes(1000)));
        Assert.Equal(Bytes(1000), await ReadAsync("c"));
    }

    [Fact]
    public async Task A_copy_may_replace_the_metadata_also_onto_itself()
    {
        await PutAsync("s", Bytes(1000), Tagged);
        var fresh = new ObjectOptions { ContentType = "text/y", Metadata = new Dictionary<string, string> { ["mode"] = "640" } };
        await Store.CopyAsync(Key("s"), null, Key("s"), true, fresh, default);
        var info = (await Store.HeadAsync(Key("s"), default))!;
        Assert.Equal([new("mode", "640")], info.Metadata);
        Assert.Equal("text/y", info.ContentType);
        Assert.Equal(Bytes(1000), await ReadAsync("s"));
    }

    [Fact]
    public async Task A_copy_of_what_was_replaced_meanwhile_fails()
    {
        var first = await PutAsync("s", "first");
        await PutAsync("s", "other");
        await ThrowsAsync(
            StoreErrorKind.PreconditionFailed, () => Store.CopyAsync(Key("s"), first.ETag, Key("c"), false, ObjectOptions.None, default));
        Assert.Null(await Store.HeadAsync(Key("c"), default));
    }

    [Fact]
    public async Task A_copy_of_nothing_fails() => await ThrowsAsync(
        StoreErrorKind.NotFound, () => Store.CopyAsync(Key("none"), null, Key("c"), false, ObjectOptions.None, default));

    [Fact]
    public async Task A_create_only_copy_never_overwrites()
    {
        await PutAsync("s", "source");
        await PutAsync("c", "there");
        var createOnly = new ObjectOptions { ForbidOverwrite = true };
        await ThrowsAsync(StoreErrorKind.AlreadyExists, () => Store.CopyAsync(Key("s"), null, Key("c"), false, createOnly, default));
        Assert.Equal("there"u8.ToArray(), await ReadAsync("c"));
        await Store.CopyAsync(Key("s"), null, Key("new"), false, createOnly, default);
    }

    [Fact]
    public async Task Parts_can_be_copied_from_ranges_of_an_object()
    {
        var bytes = Bytes(MinPart * 3);
        var source = await PutAsync("s +/é", bytes);
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        var tail = await Store.UploadPartCopyAsync(Key("o"), id, 2, Key("s +/é"), source.ETag, new ByteRange(10, 20), default);
        var head = await Store.UploadPartCopyAsync(Key("o"), id, 1, Key("s +/é"), source.ETag, new ByteRange(MinPart, MinPart + 5), default);
        await Store.CompleteMultipartAsync(Key("o"), id, [new(1, head.ETag), new(2, tail.ETag)], ObjectOptions.None, default);
        byte[] expected = [.. bytes[MinPart..(2 * MinPart + 5)], .. bytes[10..30]];
        Assert.Equal(expected, await ReadAsync("o"));
    }

    [Fact]
    public async Task A_part_is_not_copied_from_what_was_replaced_meanwhile()
    {
        var first = await PutAsync("s", "first");
        await PutAsync("s", "other");
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        await ThrowsAsync(
            StoreErrorKind.PreconditionFailed,
            () => Store.UploadPartCopyAsync(Key("o"), id, 1, Key("s"), first.ETag, new ByteRange(0, 5), default));
        await Store.AbortMultipartAsync(Key("o"), id, default);
    }
}
