using System.Net;

namespace SyncAgent.DevStore.Tests;

public class ReadTests : ServerTest
{
    private static readonly (string, string) Standard = ("x-oss-range-behavior", "standard");

    [Theory]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=90-", 90, 10)]
    [InlineData("bytes=-7", 93, 7)]
    [InlineData("bytes=99-99", 99, 1)]
    [InlineData("bytes=0-99", 0, 100)]
    public async Task Ranges_within(string range, int start, int length)
    {
        byte[] body = Bytes(100);
        Answer put = await Client.PutAsync("k", body);
        Answer answer = await Client.GetAsync("k", ("Range", range));
        Assert.Equal(HttpStatusCode.PartialContent, answer.Status);
        Assert.Equal(body[start..(start + length)], answer.Body);
        Assert.Equal($"bytes {start}-{start + length - 1}/100", answer.Headers["Content-Range"]);
        Assert.Equal(put.Crc, answer.Crc);
    }

    [Theory]
    [InlineData("bytes=100-", HttpStatusCode.RequestedRangeNotSatisfiable, 0)]
    [InlineData("bytes=90-200", HttpStatusCode.PartialContent, 10)]
    [InlineData("bytes=-200", HttpStatusCode.PartialContent, 100)]
    [InlineData("bytes=-0", HttpStatusCode.RequestedRangeNotSatisfiable, 0)]
    [InlineData("bytes=9-8", HttpStatusCode.OK, 100)]
    [InlineData("bytes=0-1,3-4", HttpStatusCode.OK, 100)]
    [InlineData("lines=1-2", HttpStatusCode.OK, 100)]
    public async Task Ranges_beyond_in_standard_behaviour_and_without(string range, HttpStatusCode standard, int length)
    {
        byte[] body = Bytes(100);
        await Client.PutAsync("k", body);
        Answer answer = await Client.GetAsync("k", ("Range", range), Standard);
        Assert.Equal(standard, answer.Status);
        if (standard == HttpStatusCode.RequestedRangeNotSatisfiable) Assert.Equal("InvalidRange", answer.Code);
        else Assert.Equal(length, answer.Body.Length);

        Answer plain = await Client.GetAsync("k", ("Range", range));
        Assert.Equal(HttpStatusCode.OK, plain.Status);
        Assert.Equal(body, plain.Body);
    }

    [Fact]
    public async Task Conditions()
    {
        Answer put = await Client.PutAsync("k", [1]);
        string now = Clock.Now.ToString("R");
        string before = Clock.Now.AddSeconds(-1).ToString("R");
        await ExpectAsync(HttpStatusCode.OK, ("If-Match", put.ETag!));
        await ExpectAsync(HttpStatusCode.PreconditionFailed, ("If-Match", "\"0\""));
        await ExpectAsync(HttpStatusCode.NotModified, ("If-None-Match", put.ETag!));
        await ExpectAsync(HttpStatusCode.OK, ("If-None-Match", "\"0\""));
        await ExpectAsync(HttpStatusCode.NotModified, ("If-Modified-Since", now));
        await ExpectAsync(HttpStatusCode.OK, ("If-Modified-Since", before));
        await ExpectAsync(HttpStatusCode.OK, ("If-Unmodified-Since", now));
        await ExpectAsync(HttpStatusCode.PreconditionFailed, ("If-Unmodified-Since", before));
        await ExpectAsync(HttpStatusCode.NotModified, ("If-None-Match", put.ETag!), ("If-Modified-Since", before));
    }

    [Fact]
    public async Task An_open_reader_outlives_overwrite_and_delete()
    {
        byte[] body = Bytes(50_000);
        await Client.PutAsync("k", body);
        using StoredObject old = Server.ReadObject(TestClient.Bucket, "k")!;
        await Client.PutAsync("k", [1]);
        await Client.DeleteAsync("k");
        Assert.Equal(body, old.ReadToEnd());
        Assert.Null(Server.ReadObject(TestClient.Bucket, "k"));
    }

    private async Task ExpectAsync(HttpStatusCode status, params (string, string)[] headers)
    {
        Assert.Equal(status, (await Client.GetAsync("k", headers)).Status);
        Assert.Equal(status, (await Client.HeadAsync("k", headers)).Status);
    }
}
