namespace SyncAgent.Store.Tests;

public abstract partial class ObjectStoreContract
{
    [Fact]
    public async Task A_listing_tells_size_etag_and_time()
    {
        var stored = await PutAsync("o", Bytes(123));
        var listed = Assert.Single((await Store.ListAsync(new ListRequest(Prefix), default)).Objects);
        var info = (await Store.HeadAsync(Key("o"), default))!;
        Assert.Equal((Key("o"), 123L, stored.ETag), (listed.Key, listed.Size, listed.ETag));
        Assert.Equal(info.LastModified.ToUnixTimeSeconds(), listed.LastModified.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Nothing_below_a_prefix_is_an_empty_page()
    {
        var page = await Store.ListAsync(new ListRequest(Prefix, "/"), default);
        Assert.Empty(page.Objects);
        Assert.Empty(page.CommonPrefixes);
        Assert.Null(page.ContinuationToken);
    }

    [Fact]
    public async Task A_delimiter_gives_one_level()
    {
        foreach (var name in new[] { "a", "a/1", "a/2/x", "b", "c c/+", "d/" }) await PutAsync(name, "x");
        var page = await Store.ListAsync(new ListRequest(Prefix, "/"), default);
        Assert.Equal([Key("a"), Key("b")], page.Objects.Select(o => o.Key));
        Assert.Equal([Key("a/"), Key("c c/"), Key("d/")], page.CommonPrefixes);

        var below = await Store.ListAsync(new ListRequest(Key("a/"), "/"), default);
        Assert.Equal([Key("a/1")], below.Objects.Select(o => o.Key));
        Assert.Equal([Key("a/2/")], below.CommonPrefixes);

        // A directory's marker is listed inside the directory.
        Assert.Equal([Key("d/")], (await Store.ListAsync(new ListRequest(Key("d/"), "/"), default)).Objects.Select(o => o.Key));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task Pages_together_are_complete_and_in_byte_order(int maxKeys)
    {
        // "￿" sorts before "😀" in UTF-8, after it in UTF-16.
        string[] names = ["+", "a b", "a/1", "a/2", "a0", "b/x/1", "b/x/2", "z", "é", "\uffee", "😀"];
        foreach (var name in names) await PutAsync(name, name);

        var (keys, prefixes) = await ListAllAsync(new ListRequest(Prefix, MaxKeys: maxKeys));
        Assert.Equal(names.Select(Key), keys);
        Assert.Empty(prefixes);

        (keys, prefixes) = await ListAllAsync(new ListRequest(Prefix, "/", MaxKeys: maxKeys));
        Assert.Equal(names.Where(n => !n.Contains('/', StringComparison.Ordinal)).Select(Key), keys);
        Assert.Equal([Key("a/"), Key("b/")], prefixes);
    }

    [Fact]
    public async Task Start_after_leaves_out_what_comes_before_and_the_key_itself()
    {
        foreach (var name in new[] { "a", "b+", "c d", "d" }) await PutAsync(name, "x");
        Assert.Equal([Key("c d"), Key("d")], (await ListAllAsync(new ListRequest(Prefix, StartAfter: Key("b+"), MaxKeys: 1))).Keys);
    }

    [Fact]
    public async Task A_prefix_is_literal()
    {
        foreach (var name in new[] { "a+b/1", "a b/2", "a%20b/3", "a/4" }) await PutAsync(name, "x");
        Assert.Equal([Key("a+b/1")], (await ListAllAsync(new ListRequest(Key("a+b/")))).Keys);
        Assert.Equal([Key("a b/2")], (await ListAllAsync(new ListRequest(Key("a b/")))).Keys);
        Assert.Equal([Key("a%20b/3")], (await ListAllAsync(new ListRequest(Key("a%20")))).Keys);
    }

    private async Task<(List<string> Keys, List<string> Prefixes)> ListAllAsync(ListRequest request)
    {
        List<string> keys = [], prefixes = [];
        for (string? token = null; ;)
        {
            var page = await Store.ListAsync(request with { ContinuationToken = token }, default);
            Assert.InRange(page.Objects.Count + page.CommonPrefixes.Count, 0, request.MaxKeys);
            keys.AddRange(page.Objects.Select(o => o.Key));
            prefixes.AddRange(page.CommonPrefixes);
            token = page.ContinuationToken;
            if (token is null) return (keys, prefixes);
        }
    }
}
