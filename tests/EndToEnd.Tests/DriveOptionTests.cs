using System.Text.Json;
using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>A drive from a configuration file whose rules say how objects are stored; the official client looks at the objects.</summary>
public sealed class DriveOptionTests
{
    private const int Mebibyte = 1 << 20;
    private static readonly string[] Writes = ["PutObject", "CopyObject", "CompleteMultipartUpload"];

    [Fact]
    public async Task Objects_are_stored_as_the_rules_of_the_drive_say_and_a_rename_keeps_it()
    {
        await using var rig = await MountedAsync(
            """
            { "match": "**", "storageClass": "IA", "tags": { "team": "design" }, "metadata": { "origin": "drive" } },
            { "match": "*.jpg", "cacheControl": "max-age=86400", "tags": { "kind": "photo" } },
            { "match": "typed/**", "contentType": "text/x-special", "contentDisposition": "attachment", "acl": "public-read" }
            """);
        rig.MakeFile("source/large.jpg", 3 * Mebibyte, seed: 50);
        await rig.ShAsync("""
            mkdir "$DRIVE"/typed "$DRIVE"/photos; cp source/large.jpg "$DRIVE"/
            echo a > "$DRIVE"/a.jpg; echo b > "$DRIVE"/typed/b.html; echo c > "$DRIVE"/c.html
            """);
        (await rig.WaitAsync()).Expect(0);

        var photo = new { contentType = "image/jpeg", cacheControl = "max-age=86400", contentDisposition = (string?)null, storageClass = "IA", acl = "default", tags = new { team = "design", kind = "photo" } };
        var special = new { contentType = "text/x-special", cacheControl = (string?)null, contentDisposition = "attachment", storageClass = "IA", acl = "public-read", tags = new { team = "design" } };
        var plain = new { contentType = "text/html", cacheControl = (string?)null, contentDisposition = (string?)null, storageClass = "IA", acl = "default", tags = new { team = "design" } };
        await ExpectAsync(rig, ("a.jpg", photo), ("large.jpg", photo), ("typed/b.html", special), ("c.html", plain));
        Assert.Contains(await rig.Store.LogAsync(), call => call is { Operation: "CompleteMultipartUpload", Key: "large.jpg" });

        await rig.ShAsync("""mv "$DRIVE"/a.jpg "$DRIVE"/photos/; mv "$DRIVE"/large.jpg "$DRIVE"/photos/""");
        (await rig.WaitAsync()).Expect(0);
        await ExpectAsync(rig, ("photos/a.jpg", photo), ("photos/large.jpg", photo));
        Assert.DoesNotContain(await rig.Store.LogAsync(), call => call.Key?.StartsWith("photos/", StringComparison.Ordinal) == true && call.Operation is "UploadPart" or "PutObject" && call.BytesIn > 0);
        (await rig.CompareAsync(rig.Drive)).ExpectClean();
    }

    [Fact]
    public async Task A_failed_callback_is_told_and_nothing_is_sent_again()
    {
        Places.SkipUnlessInstalled("sqlite3");
        await using var application = new CallbackApplication();
        const string Body = """
            "body": "{\"object\":${object},\"size\":${size}}", "bodyType": "application/json"
            """;
        await using var rig = await MountedAsync(
            $$"""
            { "match": "told/**", "callback": { "url": "{{application.Url}}/hear", {{Body}} } },
            { "match": "refused/**", "callback": { "url": "{{application.Url}}/refuse", {{Body}} } }
            """);
        rig.MakeFile("source/large.bin", (3 * Mebibyte) + 5, seed: 51);
        await rig.ShAsync("""mkdir "$DRIVE"/told "$DRIVE"/refused; printf 1234 > "$DRIVE"/told/a; printf 567 > "$DRIVE"/refused/b; cp source/large.bin "$DRIVE"/refused/""");
        (await rig.WaitAsync()).Expect(0);

        Assert.Equal(
            [("/hear", "told/a", 4), ("/refuse", "refused/b", 3), ("/refuse", "refused/large.bin", (3 * Mebibyte) + 5)],
            application.Calls.Select(call => (call.Path, Object: JsonNode.Parse(call.Body)!)).Select(call => (call.Path, (string)call.Object["object"]!, (int)call.Object["size"]!)).Order());
        var log = await rig.Store.QuietLogAsync();
        foreach (var key in (string[])["refused/b", "refused/large.bin"])
        {
            Assert.Equal((203, "CallbackFailed"), Assert.Single(log.Where(call => call.Key == key && Writes.Contains(call.Operation)).Select(call => (call.Status, call.Code))));
            Assert.Contains($"{key} is stored, but its upload callback failed: ", await File.ReadAllTextAsync(Path.Combine(rig.State, "agent.log")), StringComparison.Ordinal);
            Assert.StartsWith("callback failed: CallbackFailed: ", await rig.ShAsync($"sqlite3 state/journal.db \"select note from receipt where key='{key}'\""), StringComparison.Ordinal);
            Assert.Equal("synced", await rig.PythonAsync($"print(os.getxattr('{key}', 'user.syncagent.state').decode())"));
        }

        Assert.Equal(3 * Mebibyte + 5, DevStoreProcess.Parts(log).Sum(part => part.BytesIn));
        Assert.Equal("", await rig.ShAsync("sqlite3 state/journal.db \"select note from receipt where key='told/a'\""));
        (await rig.CompareAsync(rig.Drive)).ExpectClean();
    }

    private static async Task<Rig> MountedAsync(string rules)
    {
        var rig = await Rig.StartAsync();
        try
        {
            var config = Path.Combine(rig.Work, "config.json");
            await File.WriteAllTextAsync(config, $$"""
                {
                  "drives": [ {
                    "mount": "drive", "store": "oss", "endpoint": "{{rig.Store.Endpoint.GetLeftPart(UriPartial.Authority)}}",
                    "region": "cn-hangzhou", "bucket": "{{DevStoreProcess.Bucket}}", "objects": [ {{rules}} ]
                  } ],
                  "transfer": { "multipartThreshold": "1MiB", "partSize": "1MiB" }
                }
                """);
            await rig.MountAsync(["mount", "--config", config, "--state", rig.State]);
            await rig.ListAsync();
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>The drive's own metadata is there, the rule's too, and all else is as expected.</summary>
    private static async Task ExpectAsync(Rig rig, params (string Key, object Form)[] expected)
    {
        var lines = (await rig.NodeAsync("describe.mjs", expected.Select(one => one.Key))).Expect(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected.Length, lines.Length);
        foreach (var ((key, form), line) in expected.Zip(lines))
        {
            var found = JsonNode.Parse(line)!.AsObject();
            Assert.True(found.Remove("metadata", out var metadata));
            Assert.True(JsonNode.DeepEquals(JsonSerializer.SerializeToNode(form), found), $"{key} is {found.ToJsonString()}");
            Assert.Equal("drive", (string?)metadata!["origin"]);
            Assert.NotNull(metadata["mtime"]);
        }
    }
}
