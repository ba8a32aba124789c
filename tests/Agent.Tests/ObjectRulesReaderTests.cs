using System.Text.Json;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Tests;

public class ObjectRulesReaderTests
{
    [Fact]
    public void Every_option_of_a_rule_is_read()
    {
        var (rules, mistakes) = Read("""
            { "objects": [
                { "match": "**", "storageClass": "IA" },
                { "match": "*.jpg", "contentType": "image/jpeg", "cacheControl": "max-age=60", "contentDisposition": "inline", "contentEncoding": "gzip",
                  "acl": "public-read", "tags": { "a b": "c", "d": "" }, "metadata": { "team": "x" },
                  "encryption": { "algorithm": "KMS", "keyId": "key-1" },
                  "callback": { "url": "https://example.com/hook", "body": "{\"o\":${object}}", "bodyType": "application/json", "host": "example.com", "variables": { "x:a": "b" } } } ] }
            """);

        Assert.Empty(mistakes);
        Assert.Equal(["**", "*.jpg"], rules.Select(rule => rule.Match));
        Assert.Equal("IA", rules[0].Options.StorageClass);
        var options = rules[1].Options;
        Assert.Equal(
            ("image/jpeg", "max-age=60", "inline", "gzip", "public-read"),
            (options.ContentType, options.CacheControl, options.ContentDisposition, options.ContentEncoding, options.Acl));
        Assert.Equal([new("a b", "c"), new("d", "")], options.Tags);
        Assert.Equal([new("team", "x")], options.Metadata);
        Assert.Equal(new ServerSideEncryption("KMS", "key-1"), options.Encryption);
        var callback = options.Callback!;
        Assert.Equal(
            ("https://example.com/hook", "{\"o\":${object}}", "application/json", "example.com"),
            (callback.Url, callback.Body, callback.BodyType, callback.Host));
        Assert.Equal([new("x:a", "b")], callback.Variables);
        Assert.Equal("image/jpeg", new ObjectRules(rules, _ => null).OptionsFor("x/a.jpg").ContentType);
    }

    [Fact]
    public void A_drive_without_rules_and_a_callback_without_extras_are_fine()
    {
        Assert.Empty(Read("{ }").Rules);
        var (rules, mistakes) = Read("""{ "objects": [ { "match": "*", "callback": { "url": "http://a", "body": "b" }, "encryption": { "algorithm": "AES256" } } ] }""");
        Assert.Empty(mistakes);
        Assert.Equal(("application/x-www-form-urlencoded", null, 0), (rules[0].Options.Callback!.BodyType, rules[0].Options.Callback!.Host, rules[0].Options.Callback!.Variables.Count));
        Assert.Equal(new ServerSideEncryption("AES256"), rules[0].Options.Encryption);
    }

    [Fact]
    public void Every_mistake_is_listed_at_once_with_its_path()
    {
        var (_, mistakes) = Read("""
            { "objects": [
                { "contenttype": "x" },
                { "match": "a**", "acl": "everybody", "cacheControl": "a\nb", "tags": { "": "x" }, "metadata": { "mode": "1", "n": 5 } },
                { "match": "*", "encryption": { "algorithm": "ROT13", "key": "x" }, "callback": { "url": "ftp://a", "body": "", "variables": { "A": "b" } } },
                { "match": "*", "encryption": { "algorithm": "AES256", "keyId": "k" }, "tags": "a=b" },
                "text" ] }
            """);

        string[] expected =
        [
            "$.drives[0].objects[0].match", "$.drives[0].objects[0].contenttype", "$.drives[0].objects[1].match", "$.drives[0].objects[1].acl",
            "$.drives[0].objects[1].cacheControl", "$.drives[0].objects[1].tags", "$.drives[0].objects[1].metadata.mode",
            "$.drives[0].objects[1].metadata.n", "$.drives[0].objects[2].encryption.algorithm", "$.drives[0].objects[2].encryption.key",
            "$.drives[0].objects[2].callback.url", "$.drives[0].objects[2].callback.body", "$.drives[0].objects[2].callback.variables",
            "$.drives[0].objects[3].encryption.keyId", "$.drives[0].objects[3].tags", "$.drives[0].objects[4]",
        ];
        foreach (var path in expected) Assert.Single(mistakes, mistake => mistake.StartsWith($"{path}: ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_only_oss_does_not_know_is_no_mistake_for_another_store()
    {
        const string rule = """ "objects": [ { "match": "*", "acl": "authenticated-read" } ] }""";
        Assert.StartsWith("$.drives[0].objects[0].acl: OSS knows", Assert.Single(Read("{" + rule).Mistakes), StringComparison.Ordinal);
        Assert.Empty(Read("""{ "store": "s3",""" + rule).Mistakes);
    }

    private static (IReadOnlyList<ObjectRule> Rules, List<string> Mistakes) Read(string drive)
    {
        var mistakes = new List<string>();
        using var document = JsonDocument.Parse(drive);
        var section = new ConfigSection(document.RootElement, "$.drives[0]", DriveKeys.Group, mistakes);
        var rules = ObjectRulesReader.Read(section);
        return (rules, mistakes);
    }
}
