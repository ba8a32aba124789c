using System.Net;
using System.Text;

namespace SyncAgent.DevStore.Tests;

/// <summary>How objects are stored: headers kept and given back, wrong ones refused.</summary>
public class OptionTests : ServerTest
{
    private static readonly (string, string)[] Every =
    [
        ("Cache-Control", "no-cache"), ("Content-Disposition", "inline"), ("Content-Encoding", "gzip"), ("Content-Type", "text/x"),
        ("x-oss-object-acl", "public-read"), ("x-oss-storage-class", "IA"), ("x-oss-tagging", "a%20b=c&d="), ("x-oss-meta-m", "v"),
        ("x-oss-server-side-encryption", "KMS"), ("x-oss-server-side-encryption-key-id", "key-1"),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_options_come_back_also_after_a_restart(bool multipart)
    {
        if (multipart) await UploadAsync("k", Every);
        else Assert.Equal("KMS", (await Client.PutAsync("k", [1], Every)).Headers["x-oss-server-side-encryption"]);
        await AssertHasEveryAsync("k");
        await RestartAsync();
        await AssertHasEveryAsync("k");
    }

    [Fact]
    public async Task The_access_rule_may_come_with_complete()
    {
        string id = await Client.InitiateAsync("k");
        string etag = (await Client.PutPartAsync("k", id, 1, [1])).ETag!;
        await Client.CompleteAsync("k", id, [(1, etag)], ("x-oss-object-acl", "private"));
        Assert.Equal("private", await AclAsync("k"));
    }

    [Fact]
    public async Task A_copy_is_encrypted_and_classed_as_its_own_request_says()
    {
        await Client.PutAsync("s", [1], Every);
        await CopyAsync("s", "plain");
        Answer plain = await Client.HeadAsync("plain");
        Assert.Equal(("Standard", "no-cache", "v", "2"), (plain.Headers["x-oss-storage-class"], plain.Headers["Cache-Control"], plain.Headers["x-oss-meta-m"], plain.Headers["x-oss-tagging-count"]));
        Assert.False(plain.Headers.ContainsKey("x-oss-server-side-encryption"));
        Assert.Equal("default", await AclAsync("plain"));

        Answer made = await CopyAsync("s", "own", ("x-oss-server-side-encryption", "AES256"), ("x-oss-storage-class", "Archive"), ("x-oss-object-acl", "private"));
        Assert.Equal("AES256", made.Headers["x-oss-server-side-encryption"]);
        Answer own = await Client.HeadAsync("own");
        Assert.Equal(("Archive", "AES256"), (own.Headers["x-oss-storage-class"], own.Headers["x-oss-server-side-encryption"]));
        Assert.Equal("private", await AclAsync("own"));
    }

    [Theory]
    [InlineData("Archive")]
    [InlineData("ColdArchive")]
    [InlineData("DeepColdArchive")]
    public async Task An_archived_object_is_read_and_copied_once_it_is_restored(string storageClass)
    {
        await Client.PutAsync("k", [1, 2], ("x-oss-storage-class", storageClass));
        Answer refused = await Client.GetAsync("k");
        Assert.Equal((HttpStatusCode.Forbidden, "InvalidObjectState"), (refused.Status, refused.Code));
        Assert.Equal("InvalidObjectState", (await CopyAsync("k", "copy")).Code);
        Assert.Equal("2", (await Client.HeadAsync("k")).Headers["Content-Length"]);
        Assert.Equal(HttpStatusCode.Accepted, (await Client.SendAsync(HttpMethod.Post, "/bucket/k?restore", null)).Status);
        await RestartAsync();
        Assert.Equal(HttpStatusCode.OK, (await Client.SendAsync(HttpMethod.Post, "/bucket/k?restore", null)).Status);
        Assert.Equal([1, 2], (await Client.GetAsync("k")).Body);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.HeadAsync("copy")).Status);
        await CopyAsync("k", "copy");
        Assert.Equal([1, 2], (await Client.GetAsync("copy")).Body);
        await Client.PutAsync("k", [3], ("x-oss-storage-class", storageClass));
        Assert.Equal("InvalidObjectState", (await Client.GetAsync("k")).Code);
    }

    [Fact]
    public async Task What_is_not_archived_cannot_be_restored()
    {
        await Client.PutAsync("k", [1]);
        Assert.Equal("OperationNotSupported", (await Client.SendAsync(HttpMethod.Post, "/bucket/k?restore", null)).Code);
    }

    [Theory]
    [InlineData("x-oss-object-acl", "public", "InvalidArgument")]
    [InlineData("x-oss-storage-class", "Cold", "InvalidArgument")]
    [InlineData("x-oss-server-side-encryption", "aes256", "InvalidArgument")]
    [InlineData("x-oss-server-side-encryption-key-id", "key", "InvalidArgument")]
    [InlineData("x-oss-tagging", "a=%", "InvalidArgument")]
    [InlineData("x-oss-tagging", "a=b&a=c", "InvalidTag")]
    [InlineData("x-oss-tagging", "1&2&3&4&5&6&7&8&9&10&11", "InvalidTag")]
    [InlineData("x-oss-callback", "not base64!", "InvalidArgument")]
    [InlineData("x-oss-callback", "e30=", "InvalidArgument")]
    public async Task What_is_not_understood_is_refused_and_nothing_stored(string header, string value, string code)
    {
        Answer answer = await Client.PutAsync("k", [1], (header, value));
        Assert.Equal((HttpStatusCode.BadRequest, code), (answer.Status, answer.Code));
        Assert.Equal(HttpStatusCode.NotFound, (await Client.HeadAsync("k")).Status);
    }

    [Theory]
    [InlineData("""{"callbackUrl":"http://127.0.0.1/"}""", null)]
    [InlineData("""{"callbackBody":"x"}""", null)]
    [InlineData("""{"callbackUrl":"http://127.0.0.1/","callbackBody":"x","callbackBodyType":"text/plain"}""", null)]
    [InlineData("""{"callbackUrl":"a;b;c;d;e;f","callbackBody":"x"}""", null)]
    [InlineData("""{"callbackUrl":"http://127.0.0.1/","callbackBody":"x"}""", """{"name":"without x:"}""")]
    [InlineData("""{"callbackUrl":"http://127.0.0.1/","callbackBody":"x"}""", """{"x:Name":"upper"}""")]
    [InlineData("""["callbackUrl"]""", null)]
    public async Task A_callback_that_cannot_be_made_is_refused_before_anything_is_stored(string callback, string? variables)
    {
        List<(string, string)> headers = [("x-oss-callback", Base64(callback))];
        if (variables is not null) headers.Add(("x-oss-callback-var", Base64(variables)));
        Assert.Equal("InvalidArgument", (await Client.PutAsync("k", [1], [.. headers])).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.HeadAsync("k")).Status);
    }

    [Fact]
    public async Task A_callback_beyond_this_machine_is_not_made_and_the_object_stays()
    {
        Answer answer = await Client.PutAsync("k", [1], ("x-oss-callback", Base64("""{"callbackUrl":"http://example.com/","callbackBody":"x"}""")));
        Assert.Equal((203, "CallbackFailed"), ((int)answer.Status, answer.Code));
        Assert.Equal(answer.ETag, (await Client.HeadAsync("k")).ETag);
        Assert.Equal(Server.Log.Entries[0].RequestId, answer.Xml.Element("RequestId")!.Value);
    }

    private async Task AssertHasEveryAsync(string key)
    {
        Answer head = await Client.HeadAsync(key);
        foreach ((string name, string value) in Every)
        {
            if (name is not ("x-oss-object-acl" or "x-oss-tagging")) Assert.Equal(value, head.Headers[name]);
        }

        Assert.Equal("2", head.Headers["x-oss-tagging-count"]);
        Assert.Equal("public-read", await AclAsync(key));
        Answer tagging = await Client.SendAsync(HttpMethod.Get, TestClient.Target(key, "tagging"));
        Assert.Equal([("a b", "c"), ("d", "")], tagging.Xml.Descendants("Tag").Select(t => (t.Element("Key")!.Value, t.Element("Value")!.Value)));
        Assert.Equal("IA", (await Client.ListAsync("list-type=2")).Texts("Contents", "StorageClass").Single());
    }

    private async Task UploadAsync(string key, (string, string)[] headers)
    {
        string id = await Client.InitiateAsync(key, headers);
        string etag = (await Client.PutPartAsync(key, id, 1, [1])).ETag!;
        Answer done = await Client.CompleteAsync(key, id, [(1, etag)]);
        Assert.Equal("KMS", done.Headers["x-oss-server-side-encryption"]);
    }

    private async Task<string> AclAsync(string key) =>
        (await Client.SendAsync(HttpMethod.Get, TestClient.Target(key, "acl"))).Xml.Descendants("Grant").Single().Value;

    private Task<Answer> CopyAsync(string source, string key, params (string, string)[] headers) =>
        Client.PutAsync(key, [], [("x-oss-copy-source", $"/{TestClient.Bucket}/{source}"), .. headers]);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
