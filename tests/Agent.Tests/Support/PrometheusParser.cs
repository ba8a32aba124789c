using System.Globalization;
using System.Text.RegularExpressions;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>One sample of a text in Prometheus' format.</summary>
internal sealed record PrometheusSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    public bool Has(string name, params (string Name, string Value)[] labels) =>
        Name == name && labels.All(label => Labels.TryGetValue(label.Name, out var value) && value == label.Value);
}

/// <summary>
/// Reads the text format 0.0.4 as its specification has it, and refuses everything else: a type and a help once and in front of all samples of a
/// metric, metrics not mixed, no series twice, buckets that only grow and end in +Inf.
/// </summary>
internal static partial class PrometheusParser
{
    public static IReadOnlyList<PrometheusSample> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var samples = new List<PrometheusSample>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var series = new HashSet<string>(StringComparer.Ordinal);
        string? metric = null, helped = null;
        var type = "";
        foreach (var line in text[..^1].Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                helped = help.Groups[1].Value;
                Assert.True(seen.Add(helped), $"two helps of {helped}");
            }
            else if (Type().Match(line) is { Success: true } typed)
            {
                (metric, type) = (typed.Groups[1].Value, typed.Groups[2].Value);
                Assert.Equal(helped, metric);
                if (type == "counter") Assert.EndsWith("_total", metric, StringComparison.Ordinal);
            }
            else
            {
                var sample = ReadSample(line);
                var family = type == "histogram" ? Suffix().Replace(sample.Name, "") : sample.Name;
                Assert.True(family == metric, $"{line} does not belong to {metric}");
                Assert.True(series.Add(line[..line.LastIndexOf(' ')]), $"twice: {line}");
                if (type == "counter") Assert.True(sample.Value >= 0, line);
                samples.Add(sample);
            }
        }

        CheckHistograms(samples);
        return samples;
    }

    private static PrometheusSample ReadSample(string line)
    {
        var match = Sample().Match(line);
        Assert.True(match.Success, $"no sample: {line}");
        var labels = new Dictionary<string, string>();
        foreach (var label in Label().Matches(match.Groups[2].Value).Cast<Match>())
            labels.Add(label.Groups[1].Value, Escaped().Replace(label.Groups[2].Value, found => found.Value switch { "\\n" => "\n", "\\\\" => "\\", _ => "\"" }));
        return new PrometheusSample(match.Groups[1].Value, labels, Number(match.Groups[3].Value));
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    private static void CheckHistograms(List<PrometheusSample> samples)
    {
        foreach (var buckets in samples.Where(sample => sample.Labels.ContainsKey("le")).GroupBy(Series))
        {
            var bounds = buckets.Select(bucket => Number(bucket.Labels["le"])).ToList();
            Assert.Equal(bounds.Order(), bounds);
            Assert.Equal(double.PositiveInfinity, bounds[^1]);
            var counts = buckets.Select(bucket => bucket.Value).ToList();
            Assert.Equal(counts.Order(), counts);
            var count = Assert.Single(samples, sample => sample.Name.EndsWith("_count", StringComparison.Ordinal) && Series(sample) == buckets.Key);
            Assert.Equal(counts[^1], count.Value);
        }
    }

    private static string Series(PrometheusSample sample) =>
        Suffix().Replace(sample.Name, "") + string.Join(',', sample.Labels.Where(label => label.Key != "le").OrderBy(label => label.Key, StringComparer.Ordinal));

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)+)$")]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex Type();

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*=""(?:[^""\\]|\\[\\n""])*"",?)+)(?<!,)\})? (\S+)$")]
    private static partial Regex Sample();

    [GeneratedRegex(@"([a-zA-Z_][a-zA-Z0-9_]*)=""((?:[^""\\]|\\[\\n""])*)""")]
    private static partial Regex Label();

    [GeneratedRegex(@"\\[\\n""]")]
    private static partial Regex Escaped();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
