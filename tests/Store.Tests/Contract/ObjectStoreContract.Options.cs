namespace SyncAgent.Store.Tests;

public abstract partial class ObjectStoreContract
{
    /// <summary>Options that the store under test can honour, as many as there are.</summary>
    protected virtual ObjectOptions EveryOption { get; } = new()
    {
        ContentType = "text/x-every",
        CacheControl = "max-age=60, public",
        ContentDisposition = "attachment; filename=\"a b.txt\"",
        ContentEncoding = "gzip",
        Metadata = new Dictionary<string, string> { ["who"] = "everybody" },
    };

    /// <summary>Whether the store calls an application when an upload is complete.</summary>
    protected virtual bool HasCallbacks => false;

    /// <summary>How the server says that an object is stored, asked past the client; null where these tests cannot ask.</summary>
    protected virtual Task<ObjectOptions?> AskServerAsync(string key) => Task.FromResult<ObjectOptions?>(null);

    [Fact]
    public async Task Options_survive_a_put()
    {
        await PutAsync("o", Bytes(100), EveryOption);
        await AssertHasAsync(EveryOption, "o");
        Assert.Equal(Bytes(100), await ReadAsync("o"));
        await PutAsync("o", Bytes(100));
        await AssertHasAsync(ObjectOptions.None, "o");
    }

    [Fact]
    public async Task Options_survive_a_multipart_upload()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), EveryOption, default);
        var part = await UploadAsync("o", id, 1, Bytes(100));
        await Store.CompleteMultipartAsync(Key("o"), id, [part], EveryOption, default);
        await AssertHasAsync(EveryOption, "o");
        Assert.Equal(Bytes(100), await ReadAsync("o"));
    }

    [Fact]
    public async Task A_copy_takes_new_options_also_onto_itself()
    {
        await PutAsync("s", Bytes(100), Tagged);
        await Store.CopyAsync(Key("s"), null, Key("c"), true, EveryOption, default);
        await AssertHasAsync(EveryOption, "c");
        await AssertHasAsync(Tagged, "s");
        await Store.CopyAsync(Key("s"), null, Key("s"), true, EveryOption, default);
        await AssertHasAsync(EveryOption, "s");
    }

    [Fact]
    public async Task A_copy_that_keeps_the_metadata_keeps_the_headers_and_the_tags()
    {
        await PutAsync("s", Bytes(100), EveryOption);
        await Store.CopyAsync(Key("s"), null, Key("c"), false, ObjectOptions.None, default);
        // Access, class and encryption are the copy's own.
        await AssertHasAsync(EveryOption with { Acl = null, StorageClass = null, Encryption = null }, "c");
    }

    [Fact]
    public async Task Options_that_no_header_can_carry_are_refused_before_anything_is_sent()
    {
        ObjectOptions[] wrong =
        [
            new() { CacheControl = "no-cache\r\nx-oss-object-acl: public-read-write" },
            new() { ContentDisposition = "attachment; filename=ü" },
            new() { ContentEncoding = "" },
            new() { ContentType = " text/plain" },
            new() { Metadata = new Dictionary<string, string> { ["Upper"] = "x" } },
            new() { Tags = Enumerable.Range(0, 11).ToDictionary(n => $"k{n}", _ => "") },
            new() { Tags = new Dictionary<string, string> { [""] = "x" } },
            new() { Tags = new Dictionary<string, string> { [new string('k', 129)] = "x" } },
            new() { Tags = new Dictionary<string, string> { ["k"] = new('v', 257) } },
            new() { Encryption = new ServerSideEncryption("AES256", "a-key") },
            new() { Acl = "private\nx: y" },
        ];
        foreach (var options in wrong)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => PutAsync("o", Bytes(1), options));
            await Assert.ThrowsAsync<ArgumentException>(() => Store.InitiateMultipartAsync(Key("o"), options, default));
        }

        Assert.Null(await Store.HeadAsync(Key("o"), default));
        Assert.Empty((await Store.ListUploadsAsync(Prefix, null, null, default)).Uploads);
    }

    [Fact]
    public async Task An_option_that_the_store_does_not_know_is_refused_and_never_dropped()
    {
        ObjectOptions[] unknown =
        [
            new() { Acl = "public-read-or-so" },
            new() { Encryption = new ServerSideEncryption("ROT13") },
            .. HasCallbacks ? Array.Empty<ObjectOptions>() : [new() { Callback = new UploadCallback("http://127.0.0.1:1/", "x") }],
        ];
        foreach (var options in unknown)
        {
            await ThrowsAsync(StoreErrorKind.NotSupported, () => PutAsync("o", Bytes(1), options));
            await ThrowsAsync(StoreErrorKind.NotSupported, () => Store.InitiateMultipartAsync(Key("o"), options, default));
        }

        Assert.Null(await Store.HeadAsync(Key("o"), default));
    }

    [Fact]
    public async Task No_copy_makes_a_callback()
    {
        await PutAsync("s", "x");
        var options = new ObjectOptions { Callback = new UploadCallback("http://127.0.0.1:1/", "x") };
        await ThrowsAsync(StoreErrorKind.NotSupported, () => Store.CopyAsync(Key("s"), null, Key("c"), true, options, default));
        Assert.Null(await Store.HeadAsync(Key("c"), default));
    }

    private async Task AssertHasAsync(ObjectOptions expected, string name)
    {
        var info = (await Store.HeadAsync(Key(name), default))!;
        Assert.Equal(expected.Metadata.OrderBy(m => m.Key), info.Metadata.OrderBy(m => m.Key));
        if (expected.ContentType is not null) Assert.Equal(expected.ContentType, info.ContentType);
        if (expected.StorageClass is not null) Assert.Equal(expected.StorageClass, info.StorageClass);
        if (await AskServerAsync(Key(name)) is not { } stored) return;
        Assert.Equal(
            (expected.CacheControl, expected.ContentDisposition, expected.ContentEncoding, expected.Acl, expected.Encryption),
            (stored.CacheControl, stored.ContentDisposition, stored.ContentEncoding, stored.Acl, stored.Encryption));
        Assert.Equal(expected.StorageClass ?? "Standard", stored.StorageClass);
        Assert.Equal(expected.Tags.OrderBy(t => t.Key), stored.Tags.OrderBy(t => t.Key));
    }
}
