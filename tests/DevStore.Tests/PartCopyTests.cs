namespace SyncAgent.DevStore.Tests;

/// <summary>Parts that are ranges of another object.</summary>
public class PartCopyTests : ServerTest
{
    private bool _states = true;

    private protected override DevStoreOptions Options => base.Options with { CrcOnCopies = _states, MinPartBytes = 1 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_object_has_a_checksum_when_each_of_its_parts_has_one(bool states)
    {
        _states = states;
        await RestartAsync();
        byte[] source = Bytes(1000);
        string etag = (await Client.PutAsync("src", source)).ETag!;
        string id = await Client.InitiateAsync("k");
        Answer refused = await CopyAsync(id, 1, "bytes=0-1", ("x-oss-copy-source-if-match", "\"0\""));
        Assert.Equal("PreconditionFailed", refused.Code);
        Answer copied = await CopyAsync(id, 1, "bytes=100-899", ("x-oss-copy-source-if-match", etag));
        Answer sent = await Client.PutPartAsync("k", id, 2, [1, 2, 3]);
        ulong crc = Crc64.Append(0, source.AsSpan(100, 800));
        Assert.Equal(states ? crc : null, CrcOf(copied));
        await RestartAsync();

        OpenUpload open = Assert.Single(Server.OpenUploads(TestClient.Bucket));
        Assert.Equal([states ? crc : null, sent.Crc], open.Parts.Select(part => part.Crc64));
        Answer listed = await Client.SendAsync(HttpMethod.Get, TestClient.Target("k", $"uploadId={id}"));
        Assert.Equal(states ? 2 : 1, listed.Xml.Descendants("HashCrc64ecma").Count());
        Answer completed = await Client.CompleteAsync("k", id, [(1, copied.Xml.Element("ETag")!.Value), (2, sent.ETag!)]);
        byte[] whole = [.. source[100..900], 1, 2, 3];
        Assert.Equal(states ? Crc64.Append(0, whole) : null, CrcOf(completed));
        Assert.Equal(whole, (await Client.GetAsync("k")).Body);
    }

    private static ulong? CrcOf(Answer answer) => answer.Headers.ContainsKey("x-oss-hash-crc64ecma") ? answer.Crc : null;

    private Task<Answer> CopyAsync(string id, int number, string range, params (string, string)[] headers) => Client.SendAsync(
        HttpMethod.Put, TestClient.Target("k", $"partNumber={number}&uploadId={id}"), null, default,
        [("x-oss-copy-source", "/bucket/src"), ("x-oss-copy-source-range", range), .. headers]);
}
