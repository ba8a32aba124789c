using System.Net;

namespace SyncAgent.DevStore.Tests;

public class CopyTests : ServerTest
{
    private protected override DevStoreOptions Options => base.Options with { MaxCopyBytes = 1000, MaxPutBytes = 2000 };

    [Fact]
    public async Task Metadata_is_copied_or_replaced()
    {
        Answer put = await Client.PutAsync("src", [1, 2], ("x-oss-meta-a", "1"), ("Content-Type", "text/a"), ("x-oss-tagging", "t=1"));
        Answer copy = await CopyAsync("src", "dst", ("x-oss-meta-a", "ignored"));
        Assert.Equal(put.ETag, copy.Xml.Element("ETag")!.Value);
        Assert.Equal(put.Crc, copy.Crc);
        Answer head = await Client.HeadAsync("dst");
        Assert.Equal(("1", "text/a", "1"), (head.Headers["x-oss-meta-a"], head.Headers["Content-Type"], head.Headers["x-oss-tagging-count"]));

        await CopyAsync("dst", "dst", ("x-oss-metadata-directive", "REPLACE"), ("x-oss-meta-b", "2"), ("Content-Type", "text/b"));
        head = await Client.HeadAsync("dst");
        Assert.Equal(("2", "text/b"), (head.Headers["x-oss-meta-b"], head.Headers["Content-Type"]));
        Assert.DoesNotContain("x-oss-meta-a", head.Headers.Keys);
        await Client.DeleteAsync("src");
        Assert.Equal([1, 2], (await Client.GetAsync("dst")).Body);
    }

    [Fact]
    public async Task Refusals()
    {
        string etag = (await Client.PutAsync("src", [1])).ETag!;
        await Client.PutAsync("dst", [2]);
        await Client.PutAsync("large", Bytes(1001));
        Assert.Equal("NoSuchKey", (await CopyAsync("absent", "dst")).Code);
        Assert.Equal("EntityTooLarge", (await CopyAsync("large", "dst")).Code);
        Assert.Equal("FileAlreadyExists", (await CopyAsync("src", "dst", ("x-oss-forbid-overwrite", "true"))).Code);
        Assert.Equal("PreconditionFailed", (await CopyAsync("src", "dst", ("x-oss-copy-source-if-match", "\"0\""))).Code);
        Assert.Equal(HttpStatusCode.NotModified, (await CopyAsync("src", "dst", ("x-oss-copy-source-if-none-match", etag))).Status);
        Assert.Equal("InvalidArgument", (await CopyAsync("src", "dst", ("x-oss-metadata-directive", "MERGE"))).Code);
        Assert.Equal([2], (await Client.GetAsync("dst")).Body);
    }

    [Fact]
    public async Task Too_large_a_put_stores_nothing()
    {
        Assert.Equal("EntityTooLarge", (await Client.PutAsync("k", Bytes(2001))).Code);
        using var chunked = new StreamContent(new MemoryStream(Bytes(5000)));
        chunked.Headers.ContentLength = null;
        Answer answer = await Client.SendAsync(HttpMethod.Put, TestClient.Target("k"), chunked, default, ("Transfer-Encoding", "chunked"));
        Assert.Equal("EntityTooLarge", answer.Code);
        Assert.Empty(Server.ListKeys(TestClient.Bucket));
    }

    private Task<Answer> CopyAsync(string source, string target, params (string, string)[] headers) => Client.SendAsync(
        HttpMethod.Put, TestClient.Target(target), null, default, [("x-oss-copy-source", $"/bucket/{TestClient.Escape(source)}"), .. headers]);
}
