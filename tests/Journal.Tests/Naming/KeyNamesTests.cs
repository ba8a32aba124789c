namespace SyncAgent.Journal.Tests.Naming;

public class KeyNamesTests
{
    private const int Samples = 20_000;

    [Theory]
    [InlineData("a.txt", "a.txt")]
    [InlineData("größe 日本", "größe 日本")]
    [InlineData("...", "...")]
    [InlineData("00", "00")]
    [InlineData("it‛s", "it‛s")]
    [InlineData("a‛FF", "a‛FF")]
    [InlineData("‛x", "‛x")]
    [InlineData("", "‛‛")]
    [InlineData(".", "‛.")]
    [InlineData("..", "‛..")]
    [InlineData("‛", "‛‛‛‛")]
    [InlineData("‛.", "‛‛.")]
    [InlineData("a\0b", "a‛00b")]
    [InlineData("a‛00b", "a‛‛00b")]
    [InlineData("a‛\0", "a‛‛‛00")]
    [InlineData("a‛", "a‛‛")]
    public void A_segment_has_the_name_that_is_documented(string segment, string name)
    {
        Assert.Equal(name, KeyNames.ToName(segment));
        Assert.Equal(segment, KeyNames.ToSegment(name));
    }

    [Fact]
    public void Ordinary_segments_are_their_own_names_without_a_copy()
    {
        var segment = string.Concat("report ", 2026);
        Assert.Same(segment, KeyNames.ToName(segment));
        Assert.Same(segment, KeyNames.ToSegment(segment));
    }

    [Fact]
    public void Every_segment_has_a_name_of_its_own_and_comes_back()
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var segment in Random(seed: 1, "‛‛‛.0\0aF/".Replace("/", "", StringComparison.Ordinal)))
        {
            foreach (var name in (string[])[KeyNames.ToName(segment), KeyNames.ToNameBesideFolder(segment)])
            {
                Assert.True(KeyNames.IsName(name), name);
                Assert.DoesNotContain('\0', name);
                Assert.False(name is "" or "." or "..", segment);
                Assert.Equal(segment, KeyNames.ToSegment(name));
                Assert.Equal(name != KeyNames.ToName(segment), KeyNames.IsBesideFolder(name));
                Assert.True(names.TryAdd(name, segment) || names[name] == segment, $"{name} stands for {segment} and {names[name]}");
            }
        }
    }

    [Fact]
    public void Every_name_but_a_few_stands_for_a_segment_and_comes_back()
    {
        var refused = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Random(seed: 2, "‛‛‛.0aF"))
        {
            if (!KeyNames.IsName(name))
            {
                refused.Add(name);
                continue;
            }

            var segment = KeyNames.ToSegment(name);
            Assert.Equal(name, KeyNames.IsBesideFolder(name) ? KeyNames.ToNameBesideFolder(segment) : KeyNames.ToName(segment));
        }

        Assert.Equal(["", ".", "..", "..‛", ".‛", "‛"], refused.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Keys_come_back_from_their_names()
    {
        var random = new Random(3);
        var segments = Random(seed: 4, "‛.0\0a").ToList();
        for (var i = 0; i < Samples; i++)
        {
            var key = string.Join('/', random.GetItems(segments.ToArray(), random.Next(1, 5))) + (random.Next(2) == 0 ? "/" : "");
            if (key.Length == 0) continue;
            var directory = key.EndsWith('/');
            Assert.Equal(key, KeyNames.ToKey(KeyNames.ToPath(key).Split('/'), directory));
        }

        Assert.Equal(("", ""), (KeyNames.ToKey([], directory: true), KeyNames.ToPath("")));
    }

    // Short texts over few characters: all of the lengths up to 5 are met, and runs and neighbours of all kinds.
    private static IEnumerable<string> Random(int seed, string characters)
    {
        yield return "";
        var random = new Random(seed);
        for (var i = 0; i < Samples; i++) yield return new string(random.GetItems(characters.AsSpan(), random.Next(1, 9)));
    }
}
