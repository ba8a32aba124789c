using System.Net;
using System.Security.Cryptography;

namespace SyncAgent.DevStore.Tests;

public class MultipartTests : ServerTest
{
    private const int Min = 100 << 10;

    [Fact]
    public async Task Parts_out_of_order_with_gaps_and_overwritten()
    {
        byte[] first = Bytes(Min, 1);
        byte[] second = Bytes(Min + 1, 2);
        byte[] last = Bytes(10, 3);
        string id = await Client.InitiateAsync("k", ("x-oss-meta-a", "b"), ("Content-Type", "text/y"));
        Answer p9 = await Client.PutPartAsync("k", id, 9, last);
        await Client.PutPartAsync("k", id, 2, Bytes(50, 4));
        Answer p2 = await Client.PutPartAsync("k", id, 2, first);
        Answer p5 = await Client.PutPartAsync("k", id, 5, second);
        Assert.Equal($"\"{Convert.ToHexString(MD5.HashData(second))}\"", p5.ETag);
        Assert.Equal(Crc64.Append(0, second), p5.Crc);

        Answer done = await Client.CompleteAsync("k", id, [(2, p2.ETag!), (5, p5.ETag!.ToLowerInvariant()), (9, p9.ETag!)]);
        byte[] whole = [.. first, .. second, .. last];
        Assert.Equal(HttpStatusCode.OK, done.Status);
        Assert.Equal(Crc64.Append(0, whole), done.Crc);
        Assert.EndsWith("-3\"", done.ETag);
        Answer got = await Client.GetAsync("k");
        Assert.Equal(whole, got.Body);
        Assert.Equal(("Multipart", "b", "text/y"), (got.Headers["x-oss-object-type"], got.Headers["x-oss-meta-a"], got.Headers["Content-Type"]));
        Answer across = await Client.GetAsync("k", ("Range", $"bytes={Min - 5}-{(2 * Min) + 3}"));
        Assert.Equal(whole[(Min - 5)..((2 * Min) + 4)], across.Body);
        Assert.Equal("NoSuchUpload", (await Client.CompleteAsync("k", id, [(2, p2.ETag!)])).Code);
        Assert.Empty(Server.OpenUploads(TestClient.Bucket));
    }

    [Fact]
    public async Task Complete_refuses_wrong_lists_and_the_upload_stays()
    {
        string id = await Client.InitiateAsync("k");
        string small = (await Client.PutPartAsync("k", id, 1, Bytes(Min - 1))).ETag!;
        string large = (await Client.PutPartAsync("k", id, 2, Bytes(Min))).ETag!;
        string last = (await Client.PutPartAsync("k", id, 3, Bytes(1))).ETag!;
        await ExpectAsync("EntityTooSmall", (1, small), (2, large));
        await ExpectAsync("InvalidPartOrder", (3, last), (2, large));
        await ExpectAsync("InvalidPartOrder", (2, large), (2, large));
        await ExpectAsync("InvalidPart", (2, large), (4, last));
        await ExpectAsync("InvalidPart", (2, small), (3, last));
        await ExpectAsync("MalformedXML");
        Assert.Single(Server.OpenUploads(TestClient.Bucket));
        Assert.Equal(HttpStatusCode.OK, (await Client.CompleteAsync("k", id, [(2, large), (3, last)])).Status);
        Assert.Equal(Min + 1, (await Client.GetAsync("k")).Body.Length);

        async Task ExpectAsync(string code, params (int, string)[] parts)
        {
            Answer answer = await Client.CompleteAsync("k", id, parts);
            Assert.Equal((HttpStatusCode.BadRequest, code), (answer.Status, answer.Code));
        }
    }

    [Fact]
    public async Task Complete_all_takes_what_is_there()
    {
        string id = await Client.InitiateAsync("k");
        await Client.PutPartAsync("k", id, 3, [3]);
        await Client.PutPartAsync("k", id, 1, Bytes(Min));
        Answer answer = await Client.SendAsync(HttpMethod.Post, TestClient.Target("k", $"uploadId={id}"), null, default, ("x-oss-complete-all", "yes"));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal([.. Bytes(Min), 3], (await Client.GetAsync("k")).Body);
    }

    [Fact]
    public async Task Abort_ends_everything()
    {
        string id = await Client.InitiateAsync("k");
        string etag = (await Client.PutPartAsync("k", id, 1, Bytes(Min))).ETag!;
        Assert.Equal(HttpStatusCode.NoContent, (await Client.SendAsync(HttpMethod.Delete, TestClient.Target("k", $"uploadId={id}"))).Status);
        Assert.Equal("NoSuchUpload", (await Client.PutPartAsync("k", id, 2, [1])).Code);
        Assert.Equal("NoSuchUpload", (await Client.CompleteAsync("k", id, [(1, etag)])).Code);
        Assert.Equal("NoSuchUpload", (await Client.SendAsync(HttpMethod.Get, TestClient.Target("k", $"uploadId={id}"))).Code);
        Assert.Equal("NoSuchUpload", (await Client.SendAsync(HttpMethod.Delete, TestClient.Target("k", $"uploadId={id}"))).Code);
    }

    [Fact]
    public async Task Forbid_overwrite_holds_at_initiate_and_at_complete()
    {
        string id = await Client.InitiateAsync("k", ("x-oss-forbid-overwrite", "true"));
        string etag = (await Client.PutPartAsync("k", id, 1, [1])).ETag!;
        await Client.PutAsync("k", [9]);
        Answer complete = await Client.CompleteAsync("k", id, [(1, etag)], ("x-oss-forbid-overwrite", "true"));
        Assert.Equal((HttpStatusCode.Conflict, "FileAlreadyExists"), (complete.Status, complete.Code));
        Answer initiate = await Client.SendAsync(HttpMethod.Post, TestClient.Target("k", "uploads"), null, default, ("x-oss-forbid-overwrite", "true"));
        Assert.Equal(HttpStatusCode.Conflict, initiate.Status);
        Assert.Equal([9], (await Client.GetAsync("k")).Body);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("x")]
    public async Task Part_numbers_have_a_range(string number)
    {
        string id = await Client.InitiateAsync("k");
        Answer answer = await Client.SendAsync(HttpMethod.Put, TestClient.Target("k", $"partNumber={number}&uploadId={id}"), new ByteArrayContent([1]));
        Assert.Equal("InvalidArgument", answer.Code);
    }

    [Fact]
    public async Task ListParts_pages_and_tells_checksums()
    {
        string id = await Client.InitiateAsync("k");
        for (int number = 1; number <= 5; number++) await Client.PutPartAsync("k", id, number * 2, Bytes(number, number));
        var numbers = new List<string>();
        int marker = 0;
        bool more;
        do
        {
            Answer page = await Client.SendAsync(HttpMethod.Get, TestClient.Target("k", $"max-parts=2&part-number-marker={marker}&uploadId={id}"));
            numbers.AddRange(page.Texts("Part", "PartNumber"));
            marker = (int)page.Xml.Element("NextPartNumberMarker")!;
            more = (bool)page.Xml.Element("IsTruncated")!;
            Assert.True(numbers.Count <= 6);
        }
        while (more);

        Assert.Equal(["2", "4", "6", "8", "10"], numbers);
        Answer all = await Client.SendAsync(HttpMethod.Get, TestClient.Target("k", $"uploadId={id}"));
        Assert.Equal(Enumerable.Range(1, 5).Select(n => $"{Crc64.Append(0, Bytes(n, n))}"), all.Texts("Part", "HashCrc64ecma"));
        Assert.Equal(["1", "2", "3", "4", "5"], all.Texts("Part", "Size"));
    }

    [Fact]
    public async Task Part_copies_of_ranges_carry_digests_and_conditions()
    {
        byte[] source = Bytes(300_000);
        string etag = (await Client.PutAsync("a + b", source)).ETag!;
        string id = await Client.InitiateAsync("k");
        string target = TestClient.Target("k", $"partNumber=1&uploadId={id}");
        (string, string) from = ("x-oss-copy-source", "/bucket/a%20%2B%20b");
        Answer copied = await Client.SendAsync(HttpMethod.Put, target, null, default, from, ("x-oss-copy-source-range", "bytes=1000-200999"));
        Assert.Equal(Convert.ToHexString(MD5.HashData(source.AsSpan(1000, 200_000))), copied.Xml.Element("ETag")!.Value.Trim('"'));
        Assert.Equal(Crc64.Append(0, source.AsSpan(1000, 200_000)), copied.Crc);
        Answer refused = await Client.SendAsync(HttpMethod.Put, target, null, default, from, ("x-oss-copy-source-if-match", "\"0\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.Status);
        Answer beyond = await Client.SendAsync(HttpMethod.Put, target, null, default, from, ("x-oss-copy-source-range", "bytes=0-300000"));
        Assert.Equal("InvalidArgument", beyond.Code);
        await Client.SendAsync(HttpMethod.Put, TestClient.Target("k", $"partNumber=2&uploadId={id}"), null, default, from, ("x-oss-copy-source-if-match", etag));

        // The source may go; its bytes are shared, not borrowed.
        await Client.DeleteAsync("a + b");
        await RestartAsync();
        Answer done = await Client.SendAsync(HttpMethod.Post, TestClient.Target("k", $"uploadId={id}"), null, default, ("x-oss-complete-all", "yes"));
        byte[] whole = [.. source[1000..201_000], .. source];
        Assert.Equal(Crc64.Append(0, whole), done.Crc);
        Assert.Equal(whole, (await Client.GetAsync("k")).Body);
    }
}
