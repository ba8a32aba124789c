using System.Net;
using System.Text;

namespace SyncAgent.DevStore.Tests;

/// <summary>Buckets that keep versions.</summary>
public class VersionTests : ServerTest
{
    private protected override DevStoreOptions Options => base.Options with { CreateBuckets = [], VersionedBuckets = [TestClient.Bucket] };

    [Fact]
    public async Task Every_version_stays_readable_by_its_id_also_after_a_restart()
    {
        string first = await PutAsync("k", 1);
        string second = await PutAsync("k", 2);
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal([1], (await GetAsync("k", first)).Body);
            Assert.Equal([2], (await GetAsync("k", second)).Body);
            Answer latest = await Client.GetAsync("k");
            Assert.Equal(((byte)2, second), (latest.Body.Single(), latest.Headers["x-oss-version-id"]));
            Assert.Equal(first, (await SendAsync(HttpMethod.Head, "k", $"versionId={first}")).Headers["x-oss-version-id"]);
            await RestartAsync();
        }

        Assert.Equal("NoSuchVersion", (await GetAsync("k", "no-such-id")).Code);
    }

    [Fact]
    public async Task A_delete_leaves_a_marker_and_removing_that_brings_the_object_back()
    {
        string version = await PutAsync("k", 1);
        Answer deleted = await Client.DeleteAsync("k");
        string marker = deleted.Headers["x-oss-version-id"];
        Assert.Equal("true", deleted.Headers["x-oss-delete-marker"]);
        Answer gone = await Client.GetAsync("k");
        Assert.Equal((HttpStatusCode.NotFound, "NoSuchKey", "true"), (gone.Status, gone.Code, gone.Headers["x-oss-delete-marker"]));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await GetAsync("k", marker)).Status);
        Assert.Equal([1], (await GetAsync("k", version)).Body);
        Assert.Empty((await Client.ListAsync("list-type=2")).Texts("Contents", "Key"));
        await RestartAsync();

        Answer removed = await SendAsync(HttpMethod.Delete, "k", $"versionId={marker}");
        Assert.Equal((marker, "true"), (removed.Headers["x-oss-version-id"], removed.Headers["x-oss-delete-marker"]));
        Assert.Equal([1], (await Client.GetAsync("k")).Body);
        Assert.Equal("BucketNotEmpty", (await Client.SendAsync(HttpMethod.Delete, $"/{TestClient.Bucket}/")).Code);
        await SendAsync(HttpMethod.Delete, "k", $"versionId={version}");
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, "k", $"versionId={version}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Client.SendAsync(HttpMethod.Delete, $"/{TestClient.Bucket}/")).Status);
    }

    [Fact]
    public async Task Removing_the_latest_version_makes_the_one_before_it_current()
    {
        string first = await PutAsync("k", 1);
        string second = await PutAsync("k", 2);
        string third = await PutAsync("k", 3);
        await SendAsync(HttpMethod.Delete, "k", $"versionId={second}");
        Assert.Equal([3], (await Client.GetAsync("k")).Body);
        await SendAsync(HttpMethod.Delete, "k", $"versionId={third}");
        await RestartAsync();
        Answer latest = await Client.GetAsync("k");
        Assert.Equal(((byte)1, first), (latest.Body.Single(), latest.Headers["x-oss-version-id"]));
    }

    [Fact]
    public async Task Suspended_versioning_overwrites_the_version_without_an_id_only()
    {
        string kept = await PutAsync("k", 1);
        Assert.Equal(HttpStatusCode.OK, (await SetAsync("Suspended")).Status);
        Assert.Equal("Suspended", (await Client.ListAsync("versioning")).Xml.Element("Status")!.Value);
        Assert.Equal("null", await PutAsync("k", 2));
        Assert.Equal("null", await PutAsync("k", 3));
        Assert.Equal([1], (await GetAsync("k", kept)).Body);
        Assert.Equal([3], (await GetAsync("k", "null")).Body);

        Assert.Equal("null", (await Client.DeleteAsync("k")).Headers["x-oss-version-id"]);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync("k")).Status);
        await SetAsync("Enabled");
        string latest = await PutAsync("k", 4);
        await RestartAsync();
        Assert.Equal([("k", latest, "true"), ("k", "null", "false"), ("k", kept, "false")], await VersionsAsync(""));
        await SendAsync(HttpMethod.Delete, "k", "versionId=null");
        await RestartAsync();
        Assert.Equal([("k", latest, "true"), ("k", kept, "false")], await VersionsAsync(""));
        Assert.Equal("MalformedXML", (await SetAsync("Off")).Code);
    }

    [Fact]
    public async Task All_versions_are_listed_newest_first_in_pages()
    {
        string a1 = await PutAsync("a", 1), b1 = await PutAsync("b/x", 1), a2 = await PutAsync("a", 2);
        string marker = (await Client.DeleteAsync("a")).Headers["x-oss-version-id"];
        (string, string, string)[] all = [("a", marker, "true"), ("a", a2, "false"), ("a", a1, "false"), ("b/x", b1, "true")];
        Assert.Equal(all, await VersionsAsync(""));
        Assert.Equal(all[3..], await VersionsAsync("&prefix=b"));

        var paged = new List<(string, string, string)>();
        string next = "";
        while (true)
        {
            Answer page = await Client.ListAsync($"versions&max-keys=1{next}");
            paged.AddRange(Read(page));
            if (page.Xml.Element("IsTruncated")!.Value == "false") break;
            next = $"&key-marker={page.Xml.Element("NextKeyMarker")!.Value}&version-id-marker={page.Xml.Element("NextVersionIdMarker")!.Value}";
        }

        Assert.Equal(all, paged);
        Assert.Equal("b/", (await Client.ListAsync("versions&delimiter=%2F")).Xml.Element("CommonPrefixes")!.Value);
    }

    [Fact]
    public async Task Copies_complete_and_attributes_know_versions()
    {
        string first = await PutAsync("k", 1);
        string second = await PutAsync("k", 2);
        Answer copy = await Client.PutAsync("c", [], ("x-oss-copy-source", $"/{TestClient.Bucket}/k?versionId={first}"));
        Assert.Equal(first, copy.Headers["x-oss-copy-source-version-id"]);
        Answer copied = await Client.GetAsync("c");
        Assert.Equal(((byte)1, copy.Headers["x-oss-version-id"]), (copied.Body.Single(), copied.Headers["x-oss-version-id"]));

        string id = await Client.InitiateAsync("k");
        string etag = (await Client.PutPartAsync("k", id, 1, [3])).ETag!;
        Answer complete = await Client.CompleteAsync("k", id, [(1, etag)]);
        Assert.Equal((await Client.HeadAsync("k")).Headers["x-oss-version-id"], complete.Headers["x-oss-version-id"]);

        await Client.SendAsync(HttpMethod.Put, TestClient.Target("k", $"acl&versionId={second}"), null, default, ("x-oss-object-acl", "private"));
        await RestartAsync();
        Assert.Equal("private", await AclAsync($"&versionId={second}"));
        Assert.Equal("default", await AclAsync(""));
        Assert.Equal([3], (await Client.GetAsync("k")).Body);
    }

    [Fact]
    public async Task Create_only_has_no_effect_where_nothing_is_lost()
    {
        await PutAsync("k", 1);
        Assert.Equal(HttpStatusCode.OK, (await Client.PutAsync("k", [2], ("x-oss-forbid-overwrite", "true"))).Status);
    }

    private async Task<string> PutAsync(string key, byte content) => (await Client.PutAsync(key, [content])).Headers["x-oss-version-id"];

    private Task<Answer> GetAsync(string key, string versionId) => SendAsync(HttpMethod.Get, key, $"versionId={versionId}");

    private Task<Answer> SendAsync(HttpMethod method, string key, string query) => Client.SendAsync(method, TestClient.Target(key, query));

    private async Task<string> AclAsync(string version) =>
        (await SendAsync(HttpMethod.Get, "k", $"acl{version}")).Xml.Descendants("Grant").Single().Value;

    private Task<Answer> SetAsync(string status) => Client.SendAsync(
        HttpMethod.Put, $"/{TestClient.Bucket}/?versioning",
        new StringContent($"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>", Encoding.UTF8, "application/xml"));

    private async Task<(string, string, string)[]> VersionsAsync(string query) => Read(await Client.ListAsync($"versions{query}"));

    private static (string Key, string VersionId, string IsLatest)[] Read(Answer answer) =>
    [
        .. answer.Xml.Elements().Where(e => e.Name.LocalName is "Version" or "DeleteMarker")
            .Select(e => (e.Element("Key")!.Value, e.Element("VersionId")!.Value, e.Element("IsLatest")!.Value)),
    ];
}
