using System.Net;
using System.Text;
using System.Xml.Linq;

namespace SyncAgent.DevStore.Tests;

public class ListingTests : ServerTest
{
    private static readonly string[] Alphabet = ["a", "b", "/", "//", "-", "é", "\uFFFD", "𝒳", "\uE000", " ", "%", "+", "\u0001"];

    /// <summary>All pages of random listings equal those of a model that sorts UTF-8 bytes and filters.</summary>
    [Fact]
    public async Task Pages_equal_the_naive_model()
    {
        var random = new Random(7);
        string[] keys = [.. Enumerable.Range(0, 250).Select(_ => Word(random, 1, 6)).Where(k => k[0] != '/').Distinct()];
        await Task.WhenAll(keys.Select(k => Client.PutAsync(k, [])));
        for (int round = 0; round < 120; round++)
        {
            string prefix = random.Next(3) == 0 ? "" : Word(random, 0, 2);
            string delimiter = random.Next(3) switch { 0 => "", 1 => "/", _ => Word(random, 1, 1) };
            string after = random.Next(2) == 0 ? "" : Word(random, 1, 3);
            int max = random.Next(1, 9);
            bool encoded = random.Next(2) == 0;
            List<string> expected = Model(keys, prefix, delimiter, after);
            Assert.Equal(expected, await AllPagesAsync(v2: false, prefix, delimiter, after, max, encoded));
            Assert.Equal(expected, await AllPagesAsync(v2: true, prefix, delimiter, after, max, encoded));
        }
    }

    [Fact]
    public async Task Defaults_limits_and_owner()
    {
        await Task.WhenAll(Enumerable.Range(0, 101).Select(i => Client.PutAsync($"k{i:000}", [])));
        Answer page = await Client.ListAsync("list-type=2");
        Assert.Equal(100, page.Texts("Contents", "Key").Count);
        Assert.Equal(("100", "true"), (page.Xml.Element("KeyCount")!.Value, page.Xml.Element("IsTruncated")!.Value));
        Assert.Null(page.Xml.Element("Contents")!.Element("Owner"));
        Answer owned = await Client.ListAsync("list-type=2&max-keys=1000&fetch-owner=true");
        Assert.Equal(101, owned.Texts("Contents", "Owner").Count);
        Assert.Null(owned.Xml.Element("NextContinuationToken"));
        Assert.Empty((await Client.ListAsync("max-keys=0")).Xml.Elements("Contents"));
        Assert.Equal("InvalidArgument", (await Client.ListAsync("max-keys=1001")).Code);
        Assert.Equal("InvalidArgument", (await Client.ListAsync("list-type=2&continuation-token=%21")).Code);
        Assert.Equal("InvalidArgument", (await Client.ListAsync("encoding-type=base64")).Code);
    }

    [Fact]
    public async Task Uploads_page_by_key_and_id_and_roll_up()
    {
        var begun = new List<(string Key, string Id)>();
        foreach (string key in (string[])["a", "a", "a", "b/1", "b/2", "c"]) begun.Add((key, await Client.InitiateAsync(key)));
        begun = [.. begun.OrderBy(u => u.Key, StringComparer.Ordinal).ThenBy(u => u.Id, StringComparer.Ordinal)];
        var seen = new List<(string, string)>();
        string markers = "";
        while (true)
        {
            Answer page = await Client.ListAsync($"{markers}max-uploads=2&uploads");
            seen.AddRange(page.Texts("Upload", "Key").Zip(page.Texts("Upload", "UploadId")));
            if (page.Xml.Element("IsTruncated")!.Value == "false") break;
            Assert.True(seen.Count < begun.Count);
            markers = $"key-marker={TestClient.Escape(page.Xml.Element("NextKeyMarker")!.Value)}&upload-id-marker={page.Xml.Element("NextUploadIdMarker")!.Value}&";
        }

        Assert.Equal(begun, seen);
        Answer rolled = await Client.ListAsync("delimiter=%2F&key-marker=a&uploads");
        Assert.Equal(["c"], rolled.Texts("Upload", "Key"));
        Assert.Equal(["b/"], rolled.Texts("CommonPrefixes", "Prefix"));
        Assert.Equal(["b/1", "b/2"], (await Client.ListAsync("prefix=b%2F&uploads")).Texts("Upload", "Key"));
    }

    [Fact]
    public async Task Many_are_deleted_at_once()
    {
        string[] keys = ["a", " ", "\u0001x", "é/<&>", "kept"];
        foreach (string key in keys) await Client.PutAsync(key, [1]);
        string document = "<Delete><Quiet>false</Quiet>" + string.Concat(
            keys.SkipLast(1).Append("absent").Select(k => $"<Object><Key>{WebUtility.HtmlEncode(k).Replace("\u0001", "&#1;")}</Key></Object>")) + "</Delete>";
        byte[] body = Encoding.UTF8.GetBytes(document);
        string md5 = Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(body));
        Assert.Equal("MissingArgument", (await DeleteAsync()).Code);
        Assert.Equal("InvalidDigest", (await DeleteAsync(("Content-MD5", Convert.ToBase64String(new byte[16])))).Code);
        Assert.Equal(5, Server.ListKeys(TestClient.Bucket).Count);
        Answer deleted = await DeleteAsync(("Content-MD5", md5));
        Assert.Equal(5, deleted.Texts("Deleted", "Key").Count);
        Assert.Equal(["kept"], Server.ListKeys(TestClient.Bucket));

        Task<Answer> DeleteAsync(params (string, string)[] headers) =>
            Client.SendAsync(HttpMethod.Post, "/bucket/?delete&encoding-type=url", new ByteArrayContent(body), default, headers);
    }

    private async Task<List<string>> AllPagesAsync(bool v2, string prefix, string delimiter, string after, int max, bool encoded)
    {
        string fixedPart = $"max-keys={max}&prefix={TestClient.Escape(prefix)}&delimiter={TestClient.Escape(delimiter)}{(encoded ? "&encoding-type=url" : "")}";
        string position = v2 ? $"&list-type=2&start-after={TestClient.Escape(after)}" : $"&marker={TestClient.Escape(after)}";
        var names = new List<string>();
        while (true)
        {
            Answer page = await Client.ListAsync(fixedPart + position);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            XElement xml = page.Xml;
            string Decode(string text) => encoded ? Uri.UnescapeDataString(text) : text;
            List<string> onPage = [.. xml.Elements("Contents").Select(e => e.Element("Key")!.Value)
                .Concat(xml.Elements("CommonPrefixes").Select(e => e.Element("Prefix")!.Value)).Select(Decode)];
            Assert.True(onPage.Count <= max);
            onPage.Sort(ByUtf8);
            names.AddRange(onPage);
            if (xml.Element("IsTruncated")!.Value == "false") return names;
            Assert.Equal(max, onPage.Count);
            string next = Decode(xml.Element(v2 ? "NextContinuationToken" : "NextMarker")!.Value);
            position = v2 ? $"&list-type=2&continuation-token={TestClient.Escape(next)}" : $"&marker={TestClient.Escape(next)}";
        }
    }

    private static List<string> Model(string[] keys, string prefix, string delimiter, string after)
    {
        var names = new HashSet<string>();
        foreach (string key in keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)))
        {
            int at = delimiter.Length == 0 ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            names.Add(at < 0 ? key : key[..(at + delimiter.Length)]);
        }

        List<string> sorted = [.. names.Where(n => after.Length == 0 || ByUtf8(n, after) > 0)];
        sorted.Sort(ByUtf8);
        return sorted;
    }

    private static int ByUtf8(string x, string y) => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y));

    private static string Word(Random random, int min, int max) =>
        string.Concat(Enumerable.Range(0, random.Next(min, max + 1)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
}
