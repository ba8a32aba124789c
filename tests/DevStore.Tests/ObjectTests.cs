using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.DevStore.Tests;

public class ObjectTests : ServerTest
{
    [Fact]
    public async Task What_is_put_is_what_is_got()
    {
        byte[] body = Bytes(300_000);
        Answer put = await Client.PutAsync("a/b.bin", body, ("Content-Type", "text/x-test"), ("x-oss-meta-color", "grün"), ("Cache-Control", "no-cache"));
        Assert.Equal(HttpStatusCode.OK, put.Status);
        Assert.Equal($"\"{Convert.ToHexString(MD5.HashData(body))}\"", put.ETag);
        Assert.Equal(Crc64.Append(0, body), put.Crc);

        Answer got = await Client.GetAsync("a/b.bin");
        Assert.Equal(body, got.Body);
        Answer head = await Client.HeadAsync("a/b.bin");
        foreach (Answer answer in (Answer[])[got, head])
        {
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal("300000", answer.Headers["Content-Length"]);
            Assert.Equal("text/x-test", answer.Headers["Content-Type"]);
            Assert.Equal("no-cache", answer.Headers["Cache-Control"]);
            Assert.Equal("Normal", answer.Headers["x-oss-object-type"]);
            Assert.Equal("Tue, 04 Mar 2025 05:06:07 GMT", answer.Headers["Last-Modified"]);
            Assert.Equal("Tue, 04 Mar 2025 05:06:07 GMT", answer.Headers["Date"]);
            Assert.Equal(put.ETag, answer.ETag);
            Assert.Equal(put.Crc, answer.Crc);
            Assert.NotEmpty(answer.Headers["x-oss-request-id"]);
        }

        using StoredObject stored = Server.ReadObject(TestClient.Bucket, "a/b.bin")!;
        Assert.Equal(body, stored.ReadToEnd());
        Assert.Equal("grün", stored.Headers["x-oss-meta-color"]);
    }

    [Fact]
    public async Task Everything_survives_a_restart()
    {
        byte[] body = Bytes(200_000);
        await Client.PutAsync("kept", body, ("x-oss-meta-a", "1"));
        await Client.PutAsync("empty", []);
        await Client.PutAsync("gone", body);
        await Client.DeleteAsync("gone");
        string upload = await Client.InitiateAsync("big");
        Answer part = await Client.PutPartAsync("big", upload, 7, body);
        await RestartAsync();

        Assert.Equal(body, (await Client.GetAsync("kept")).Body);
        Assert.Equal("1", (await Client.HeadAsync("kept")).Headers["x-oss-meta-a"]);
        Assert.Equal("0", (await Client.HeadAsync("empty")).Headers["Content-Length"]);
        Assert.Equal("NoSuchKey", (await Client.GetAsync("gone")).Code);
        OpenUploadPart open = Assert.Single(Assert.Single(Server.OpenUploads(TestClient.Bucket)).Parts);
        Assert.Equal(new OpenUploadPart(7, 200_000, part.ETag!.Trim('"'), part.Crc), open);
        Answer complete = await Client.CompleteAsync("big", upload, [(7, part.ETag!)]);
        Assert.Equal(part.Crc, complete.Crc);
        Assert.Equal(body, (await Client.GetAsync("big")).Body);
    }

    [Fact]
    public async Task Delete_succeeds_twice_and_head_errors_come_in_a_header()
    {
        await Client.PutAsync("k", [1]);
        Assert.Equal(HttpStatusCode.NoContent, (await Client.DeleteAsync("k")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Client.DeleteAsync("k")).Status);
        Answer head = await Client.HeadAsync("k");
        Assert.Equal(HttpStatusCode.NotFound, head.Status);
        Assert.Contains("<Code>NoSuchKey</Code>", Encoding.UTF8.GetString(Convert.FromBase64String(head.Headers["x-oss-err"])));
    }

    [Fact]
    public async Task A_wrong_digest_stores_nothing()
    {
        Answer answer = await Client.PutAsync("k", [1, 2, 3], ("Content-MD5", Convert.ToBase64String(MD5.HashData([9]))));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("InvalidDigest", answer.Code);
        Assert.Empty(Server.ListKeys(TestClient.Bucket));
        Assert.Equal(HttpStatusCode.OK, (await Client.PutAsync("k", [1], ("Content-MD5", Convert.ToBase64String(MD5.HashData([1]))))).Status);
    }

    [Fact]
    public async Task Forbid_overwrite_and_conditions_on_put()
    {
        Assert.Equal(HttpStatusCode.OK, (await Client.PutAsync("k", [1], ("x-oss-forbid-overwrite", "true"))).Status);
        Answer second = await Client.PutAsync("k", [2], ("x-oss-forbid-overwrite", "true"));
        Assert.Equal((HttpStatusCode.Conflict, "FileAlreadyExists"), (second.Status, second.Code));
        Answer conditional = await Client.PutAsync("k", [2], ("If-Match", "*"));
        Assert.Equal((HttpStatusCode.BadRequest, "NotImplemented"), (conditional.Status, conditional.Code));
        Assert.Equal([1], (await Client.GetAsync("k")).Body);
    }
}
