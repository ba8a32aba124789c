namespace SyncAgent.Store.Tests;

public abstract partial class ObjectStoreContract
{
    [Fact]
    public async Task Parts_sent_in_any_order_with_gaps_become_the_object_in_number_order()
    {
        byte[] first = Bytes(MinPart, 1), second = Bytes(MinPart + 7, 2), last = Bytes(3, 3);
        var id = await Store.InitiateMultipartAsync(Key("o"), Tagged, default);
        Assert.Null(await Store.HeadAsync(Key("o"), default));
        var partLast = await UploadAsync("o", id, 9000, last);
        var partFirst = await UploadAsync("o", id, 2, first);
        var partSecond = await UploadAsync("o", id, 40, second);

        var stored = await Store.CompleteMultipartAsync(Key("o"), id, [partFirst, partSecond, partLast], ObjectOptions.None, default);

        byte[] whole = [.. first, .. second, .. last];
        var info = (await Store.HeadAsync(Key("o"), default))!;
        Assert.Equal((stored.ETag, (long)whole.Length, "text/x", "source"), (info.ETag, info.Size, info.ContentType, info.Metadata["who"]));
        AssertCrc(whole, stored.Crc64);
        AssertCrc(whole, info.Crc64);
        Assert.Equal(whole, await ReadAsync("o"));
        if (ForgetsCompletedUploads) await ThrowsAsync(StoreErrorKind.NoSuchUpload, () => Store.ListPartsAsync(Key("o"), id, 0, default));
    }

    [Fact]
    public async Task A_part_sent_again_replaces_the_first()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        var stale = await UploadAsync("o", id, 1, Bytes(MinPart, 1));
        var fresh = await UploadAsync("o", id, 1, Bytes(MinPart, 2));
        await ThrowsAsync(StoreErrorKind.InvalidPart, () => Store.CompleteMultipartAsync(Key("o"), id, [stale], ObjectOptions.None, default));
        await Store.CompleteMultipartAsync(Key("o"), id, [fresh], ObjectOptions.None, default);
        Assert.Equal(Bytes(MinPart, 2), await ReadAsync("o"));
    }

    [Fact]
    public async Task Only_the_parts_named_at_complete_count()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        var one = await UploadAsync("o", id, 1, Bytes(MinPart, 1));
        await UploadAsync("o", id, 2, Bytes(MinPart, 2));
        var three = await UploadAsync("o", id, 3, Bytes(10, 3));
        if (!MayLeavePartsOut)
        {
            await ThrowsAsync(StoreErrorKind.InvalidPart, () => Store.CompleteMultipartAsync(Key("o"), id, [one, three], ObjectOptions.None, default));
            Assert.Null(await Store.HeadAsync(Key("o"), default));
            return;
        }

        await Store.CompleteMultipartAsync(Key("o"), id, [one, three], ObjectOptions.None, default);
        byte[] expected = [.. Bytes(MinPart, 1), .. Bytes(10, 3)];
        Assert.Equal(expected, await ReadAsync("o"));
    }

    [Fact]
    public async Task The_store_says_which_parts_it_holds()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        Assert.Empty((await Store.ListPartsAsync(Key("o"), id, 0, default)).Parts);
        var three = await UploadAsync("o", id, 3, Bytes(20, 3));
        var one = await UploadAsync("o", id, 1, Bytes(10, 1));
        var page = await Store.ListPartsAsync(Key("o"), id, 0, default);
        Assert.Equal([(1, 10L, one.ETag), (3, 20L, three.ETag)], page.Parts.Select(p => (p.PartNumber, p.Size, p.ETag)));
        AssertCrc(Bytes(10, 1), page.Parts[0].Crc64);
        Assert.Null(page.NextPartNumberMarker);
        Assert.Equal([3], (await Store.ListPartsAsync(Key("o"), id, 1, default)).Parts.Select(p => p.PartNumber));
        await Store.AbortMultipartAsync(Key("o"), id, default);
    }

    [Fact]
    public async Task More_parts_than_a_page_holds_come_in_pages()
    {
        var parts = PageSize + 3;
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        await Parallel.ForAsync(1, parts + 1, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, _) => await UploadAsync("o", id, n * 2, [(byte)n]));

        var numbers = new List<int>();
        for (int? marker = 0; marker is not null;)
        {
            var page = await Store.ListPartsAsync(Key("o"), id, marker.Value, default);
            Assert.InRange(page.Parts.Count, 1, PageSize);
            numbers.AddRange(page.Parts.Select(p => p.PartNumber));
            marker = page.NextPartNumberMarker;
        }

        Assert.Equal(Enumerable.Range(1, parts).Select(n => n * 2), numbers);
        await Store.AbortMultipartAsync(Key("o"), id, default);
    }

    [Fact]
    public async Task What_complete_refuses_leaves_the_upload_as_it_was()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        var small = await UploadAsync("o", id, 1, Bytes(MinPart - 1, 1));
        var full = await UploadAsync("o", id, 2, Bytes(MinPart, 2));
        PartReference[][] wrong = [[small, full], [full, small], [new(2, "0123456789ABCDEF0123456789ABCDEF")], [full, new(3, full.ETag)]];
        foreach (var parts in wrong)
            await ThrowsAsync(StoreErrorKind.InvalidPart, () => Store.CompleteMultipartAsync(Key("o"), id, parts, ObjectOptions.None, default));
        Assert.Null(await Store.HeadAsync(Key("o"), default));
        Assert.Equal(2, (await Store.ListPartsAsync(Key("o"), id, 0, default)).Parts.Count);
        if (!MayLeavePartsOut) small = await UploadAsync("o", id, 1, Bytes(MinPart, 1));
        await Store.CompleteMultipartAsync(Key("o"), id, MayLeavePartsOut ? [full] : [small, full], ObjectOptions.None, default);
    }

    [Fact]
    public async Task After_complete_the_id_is_gone_or_answers_the_same()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        var part = await UploadAsync("o", id, 1, Bytes(100));
        var stored = await Store.CompleteMultipartAsync(Key("o"), id, [part], ObjectOptions.None, default);
        try
        {
            Assert.Equal(stored.ETag, (await Store.CompleteMultipartAsync(Key("o"), id, [part], ObjectOptions.None, default)).ETag);
        }
        catch (StoreException e)
        {
            Assert.Equal(StoreErrorKind.NoSuchUpload, e.Kind);
        }

        if (ForgetsCompletedUploads) await ThrowsAsync(StoreErrorKind.NoSuchUpload, () => UploadAsync("o", id, 1, Bytes(100)));
        else await UploadAsync("o", id, 1, Bytes(100));
        // Whatever the store still knows of the upload: giving it up must not take the object.
        await Store.AbortMultipartAsync(Key("o"), id, default);
        Assert.Equal(Bytes(100), await ReadAsync("o"));
    }

    [Fact]
    public async Task An_aborted_upload_is_gone_and_aborting_may_be_repeated()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        var part = await UploadAsync("o", id, 1, Bytes(100));
        await Store.AbortMultipartAsync(Key("o"), id, default);
        await Store.AbortMultipartAsync(Key("o"), id, default);
        await ThrowsAsync(StoreErrorKind.NoSuchUpload, () => Store.ListPartsAsync(Key("o"), id, 0, default));
        await ThrowsAsync(StoreErrorKind.NoSuchUpload, () => UploadAsync("o", id, 1, Bytes(100)));
        await ThrowsAsync(StoreErrorKind.NoSuchUpload, () => Store.CompleteMultipartAsync(Key("o"), id, [part], ObjectOptions.None, default));
        Assert.Null(await Store.HeadAsync(Key("o"), default));
    }

    [Fact]
    public async Task An_id_is_good_for_its_key_only()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        await ThrowsAsync(StoreErrorKind.NoSuchUpload, () => UploadAsync("other", id, 1, Bytes(100)));
        await ThrowsAsync(StoreErrorKind.NoSuchUpload, () => Store.ListPartsAsync(Key("other"), id, 0, default));
        await Store.AbortMultipartAsync(Key("o"), id, default);
    }

    [Fact]
    public async Task A_create_only_complete_never_overwrites_and_keeps_the_parts()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        var part = await UploadAsync("o", id, 1, Bytes(100));
        await PutAsync("o", "somebody else's");
        await ThrowsAsync(StoreErrorKind.AlreadyExists, () => Store.CompleteMultipartAsync(Key("o"), id, [part], new ObjectOptions { ForbidOverwrite = true }, default));
        Assert.Equal("somebody else's"u8.ToArray(), await ReadAsync("o"));
        Assert.Single((await Store.ListPartsAsync(Key("o"), id, 0, default)).Parts);
        await Store.CompleteMultipartAsync(Key("o"), id, [part], ObjectOptions.None, default);
        Assert.Equal(Bytes(100), await ReadAsync("o"));
    }

    [Fact]
    public async Task A_part_that_does_not_fit_its_md5_is_refused()
    {
        var id = await Store.InitiateMultipartAsync(Key("o"), ObjectOptions.None, default);
        await ThrowsAsync(
            StoreErrorKind.ChecksumMismatch,
            () => Store.UploadPartAsync(Key("o"), id, 1, new BytesContent(Bytes(100)) { Md5 = new byte[16] }, default));
        Assert.Empty((await Store.ListPartsAsync(Key("o"), id, 0, default)).Parts);
        await Store.AbortMultipartAsync(Key("o"), id, default);
    }

    [Fact]
    public async Task Open_uploads_are_listed_below_a_prefix()
    {
        var one = await Store.InitiateMultipartAsync(Key("a +é/1"), ObjectOptions.None, default);
        var again = await Store.InitiateMultipartAsync(Key("a +é/1"), ObjectOptions.None, default);
        var two = await Store.InitiateMultipartAsync(Key("a +é/2"), ObjectOptions.None, default);
        var other = await Store.InitiateMultipartAsync(Key("b"), ObjectOptions.None, default);
        Assert.NotEqual(one, again);

        var page = await Store.ListUploadsAsync(Key("a +é/"), null, null, default);
        Assert.Equal(
            new[] { (Key("a +é/1"), one), (Key("a +é/1"), again), (Key("a +é/2"), two) }.Order(), page.Uploads.Select(u => (u.Key, u.UploadId)).Order());
        Assert.Null(page.NextKeyMarker);
        var after = await Store.ListUploadsAsync(Prefix, Key("a +é/1"), null, default);
        Assert.Equal([two, other], after.Uploads.Select(u => u.UploadId));
        Assert.All(page.Uploads, u => Assert.InRange(u.Initiated, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(10)));

        foreach (var (name, id) in new[] { ("a +é/1", one), ("a +é/1", again), ("a +é/2", two), ("b", other) })
            await Store.AbortMultipartAsync(Key(name), id, default);
        Assert.Empty((await Store.ListUploadsAsync(Prefix, null, null, default)).Uploads);
    }

    [Fact]
    public async Task More_uploads_than_a_page_holds_come_in_pages_also_within_one_key()
    {
        var ids = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        await Parallel.ForAsync(0, PageSize + 10, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, _) =>
        {
            var key = Key(n < PageSize * 9 / 10 ? "many +" : $"z{n}");
            ids[await Store.InitiateMultipartAsync(key, ObjectOptions.None, default)] = key;
        });

        var listed = new List<ListedUpload>();
        for (string? key = null, id = null; ;)
        {
            var page = await Store.ListUploadsAsync(Prefix, key, id, default);
            Assert.InRange(page.Uploads.Count, 1, PageSize);
            listed.AddRange(page.Uploads);
            (key, id) = (page.NextKeyMarker, page.NextUploadIdMarker);
            if (key is null) break;
        }

        Assert.Equal(ids.Select(u => (u.Value, u.Key)).Order(), listed.Select(u => (u.Key, u.UploadId)).Order());
        await Parallel.ForEachAsync(
            listed, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (u, _) => await Store.AbortMultipartAsync(u.Key, u.UploadId, default));
    }

    private async Task<PartReference> UploadAsync(string name, string id, int number, byte[] bytes)
    {
        var part = await Store.UploadPartAsync(Key(name), id, number, new BytesContent(bytes), default);
        AssertCrc(bytes, part.Crc64);
        return new PartReference(number, part.ETag);
    }
}
