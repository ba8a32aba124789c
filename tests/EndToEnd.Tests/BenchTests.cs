using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>The benchmark itself, very small and only with what is always there: that it runs, and writes what it says.</summary>
public class BenchTests(ITestOutputHelper output)
{
    private const int Files = 40;

    [Fact]
    public async Task The_benchmark_measures_the_drive_beside_the_plain_disk_and_writes_tables_and_pictures()
    {
        Assert.SkipUnless(Places.MayMount, "mounting in a test needs root and /dev/fuse");
        var folder = Directory.CreateTempSubdirectory("syncagent-bench-test-").FullName;
        try
        {
            var run = await Command.RunAsync(
                Places.Bench,
                [
                    "--quick", "--only", "write-128KiB", "create", "--contenders", "native", "syncagent", "--size", "8", "--files", $"{Files}",
                    "--work", Path.Combine(folder, "work"), "--out", Path.Combine(folder, "out"),
                ],
                new Dictionary<string, string> { ["SYNCAGENT_EXE"] = Places.Program });
            output.WriteLine(run.Output + run.Errors);
            run.Expect(0);

            var report = await File.ReadAllTextAsync(Path.Combine(folder, "out/benchmarks.md"), TestContext.Current.CancellationToken);
            foreach (var part in report.Split("\n### ")[1..])
            {
                var closed = Row(part, "close returned, s");
                var stored = Row(part, "in the bucket, s");
                Assert.All(closed, seconds => Assert.True(seconds > 0));
                // Of the plain disk there is none. Nothing is in the bucket before it is written.
                Assert.Null(stored[0]);
                Assert.True(stored[1] >= closed[1]);
            }

            Assert.Contains("| creating small files | time against native |", report, StringComparison.Ordinal);
            foreach (var picture in (string[])["bench-write-128KiB.svg", "bench-create.svg"])
            {
                var drawn = XDocument.Load(Path.Combine(folder, "out/images", picture));
                Assert.Equal(4, drawn.Descendants().Count(element => element.Name.LocalName == "rect")); // the ground, two that closed, one that stored
            }

            var runs = await File.ReadAllLinesAsync(Path.Combine(folder, "out/benchmarks.csv"), TestContext.Current.CancellationToken);
            Assert.Contains(runs, line => line.StartsWith("""create,"syncagent",1,"in the bucket, s",""", StringComparison.Ordinal));
            Assert.False(Directory.Exists(Path.Combine(folder, "work")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The figures of the plain disk and of the drive, null where there is a dash.</summary>
    private static double?[] Row(string table, string name)
    {
        var row = Regex.Match(table, $@"^\| {Regex.Escape(name)} \|(.+?)\|(.+?)\|", RegexOptions.Multiline);
        Assert.True(row.Success, name);
        return [.. row.Groups.Values.Skip(1).Select(cell => cell.Value.Trim() is "–" ? (double?)null : double.Parse(cell.Value, CultureInfo.InvariantCulture))];
    }
}
