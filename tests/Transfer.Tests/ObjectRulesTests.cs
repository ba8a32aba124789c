using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

public class ObjectRulesTests
{
    [Theory]
    [InlineData("*.jpg", "a.jpg", true)]
    [InlineData("*.jpg", "x/y/a.jpg", true)]
    [InlineData("*.jpg", "x/y/.jpg", true)]
    [InlineData("*.jpg", "a.JPG", false)]
    [InlineData("*.jpg", "a.jpg/b", false)]
    [InlineData("*.jpg", "a.jpg\n", false)]
    [InlineData("*.*", "noext", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "x/aéc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("name", "name", true)]
    [InlineData("name", "x/name", true)]
    [InlineData("name", "rename", false)]
    [InlineData("/name", "name", true)]
    [InlineData("/name", "x/name", false)]
    [InlineData("/*.txt", "a.txt", true)]
    [InlineData("/*.txt", "x/a.txt", false)]
    [InlineData("photos/**", "photos/a", true)]
    [InlineData("photos/**", "photos/a/b/c", true)]
    [InlineData("photos/**", "photos", false)]
    [InlineData("photos/**", "x/photos/a", false)]
    [InlineData("photos/*", "photos/a", true)]
    [InlineData("photos/*", "photos/a/b", false)]
    [InlineData("**/*.tmp", "a.tmp", true)]
    [InlineData("**/*.tmp", "x/y/a.tmp", true)]
    [InlineData("**/tmp/**", "tmp/a", true)]
    [InlineData("**/tmp/**", "x/tmp/y/z", true)]
    [InlineData("**/tmp/**", "x/tmpy/z", false)]
    [InlineData("a/**/b", "a/b", true)]
    [InlineData("a/**/b", "a/x/y/b", true)]
    [InlineData("a/**/b", "ab", false)]
    [InlineData("**", "any/thing", true)]
    [InlineData("*", "any/thing", true)]
    [InlineData("[x].(y)+{z}^$|#", "q/[x].(y)+{z}^$|#", true)]
    [InlineData("a.b", "axb", false)]
    public void A_pattern_matches_what_its_documentation_says(string pattern, string key, bool expected) =>
        Assert.Equal(expected, Rules(new ObjectRule(pattern, new ObjectOptions { StorageClass = "IA" })).OptionsFor(key).StorageClass == "IA");

    [Fact]
    public void A_pattern_made_to_be_slow_is_not()
    {
        var rules = Rules(new ObjectRule(string.Concat(Enumerable.Repeat("*a", 30)) + "b", new ObjectOptions { StorageClass = "IA" }));
        Assert.Null(rules.OptionsFor(new string('a', 1000)).StorageClass);
    }

    [Fact]
    public void Later_rules_win_and_names_are_merged()
    {
        var rules = Rules(
            new("**", new ObjectOptions
            {
                ContentType = "a/a", CacheControl = "first", ContentDisposition = "inline", ContentEncoding = "gzip", Acl = "private", StorageClass = "IA",
                Tags = Map(("kept", "1"), ("replaced", "1")), Metadata = Map(("kept", "1"), ("replaced", "1")),
                Encryption = new ServerSideEncryption("KMS", "key"), Callback = new UploadCallback("http://a", "x") { Variables = Map(("x:a", "1")) },
            }),
            new("*.never", new ObjectOptions { StorageClass = "Archive" }),
            new("*.jpg", new ObjectOptions
            {
                CacheControl = "second", Tags = Map(("replaced", "2"), ("new", "2")), Metadata = Map(("replaced", "2"), ("new", "2")),
                Encryption = new ServerSideEncryption("AES256"), Callback = new UploadCallback("http://b", "y"),
            }));

        var options = rules.OptionsFor("x/a.jpg");

        Assert.Equal(
            ("a/a", "second", "inline", "gzip", "private", "IA"),
            (options.ContentType, options.CacheControl, options.ContentDisposition, options.ContentEncoding, options.Acl, options.StorageClass));
        Assert.Equal(Map(("kept", "1"), ("new", "2"), ("replaced", "2")), options.Tags.Order(Comparer));
        Assert.Equal(options.Tags.Order(Comparer), options.Metadata.Order(Comparer));
        Assert.Equal(new ServerSideEncryption("AES256"), options.Encryption);
        Assert.Equal(("http://b", "y", 0), (options.Callback!.Url, options.Callback.Body, options.Callback.Variables.Count));
        Assert.False(options.ForbidOverwrite);
        Assert.Equal("http://a", rules.OptionsFor("x/a.txt").Callback!.Url);
    }

    [Fact]
    public void The_content_type_goes_by_the_name_where_no_rule_sets_it()
    {
        var asked = new List<string>();
        var rules = new ObjectRules([new("*.log", new ObjectOptions { ContentType = "text/x-log" })], key =>
        {
            asked.Add(key);
            return key.EndsWith(".txt", StringComparison.Ordinal) ? "text/plain" : null;
        });
        Assert.Equal(("text/plain", null, "text/x-log"), (rules.OptionsFor("a/b.txt").ContentType, rules.OptionsFor("a/b").ContentType, rules.OptionsFor("b.log").ContentType));
        Assert.Equal(["a/b.txt", "a/b"], asked);
    }

    [Fact]
    public void Every_mistake_is_named_with_its_rule()
    {
        ObjectRule[] rules =
        [
            new("", new ObjectOptions { Metadata = Map(("mode", "1"), ("mtime", "1"), ("syncagent-gen", "1"), ("Upper", "1"), ("fine", "1")) }),
            new("a**", new ObjectOptions { CacheControl = "a\r\nb" }),
            new("a\\b", new ObjectOptions { ForbidOverwrite = true }),
            new("/", new ObjectOptions { Tags = Enumerable.Range(0, 11).ToDictionary(n => $"{n}", _ => "") }),
        ];
        string[] expected =
        [
            "[0].match", "[0].metadata.mode", "[0].metadata.mtime", "[0].metadata.syncagent-gen", "[0].metadata", "[1].match", "[1].cacheControl",
            "[2].match", "[2].forbidOverwrite", "[3].match", "[3].tags",
        ];
        Assert.Equal(expected, ObjectRules.Validate(rules).Select(mistake => mistake.Option));
        var error = Assert.Throws<ArgumentException>(() => Rules(rules));
        Assert.All(ObjectRules.Validate(rules), mistake => Assert.Contains(mistake.ToString(), error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Rules_that_together_could_give_a_file_too_many_tags_are_refused()
    {
        ObjectRule[] rules =
        [
            new("*.a", new ObjectOptions { Tags = Enumerable.Range(0, 6).ToDictionary(n => $"{n}", _ => "") }),
            new("b*", new ObjectOptions { Tags = Enumerable.Range(5, 5).ToDictionary(n => $"{n}", _ => "") }),
        ];
        Assert.Empty(ObjectRules.Validate(rules));
        Assert.Equal(10, Rules(rules).OptionsFor("b.a").Tags.Count);
        Assert.Equal("tags", Assert.Single(ObjectRules.Validate([.. rules, new("c", new ObjectOptions { Tags = Map(("more", "")) })])).Option);
    }

    private static Comparer<KeyValuePair<string, string>> Comparer { get; } =
        Comparer<KeyValuePair<string, string>>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key));

    private static ObjectRules Rules(params ObjectRule[] rules) => new(rules, _ => null);

    private static Dictionary<string, string> Map(params (string Name, string Value)[] pairs) => pairs.ToDictionary(p => p.Name, p => p.Value);
}
