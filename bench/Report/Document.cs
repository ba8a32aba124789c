using System.Globalization;
using System.Text;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Workloads;

namespace SyncAgent.Bench.Report;

/// <summary>Writes what was measured as Markdown and pictures.</summary>
internal static class Document
{
    private const string Limit = Drives.Native;

    /// <summary>Replaces what an earlier run wrote in FOLDER/benchmarks.md, or makes the file; every run goes to FOLDER/benchmarks.csv, pictures go to FOLDER/images.</summary>
    public static void Write(string folder, IReadOnlyList<Workload> workloads, Results results, string parameters)
    {
        var images = Directory.CreateDirectory(Path.Combine(folder, "images")).FullName;
        var text = new StringBuilder($"{parameters}\n{Goals.Table(results)}\n");
        foreach (var workload in workloads.Where(workload => results.Names(workload.Name).Count > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {workload.Title}\n\n{workload.About}\n\n{Table(workload, workloads, results)}");
            if (Picture(workload, results) is not { } picture) continue;
            var file = $"bench-{workload.Name}.svg";
            File.WriteAllText(Path.Combine(images, file), picture);
            text.Append(CultureInfo.InvariantCulture, $"\n![{workload.Title}](images/{file})\n");
        }

        File.WriteAllText(Path.Combine(folder, "benchmarks.csv"), results.Csv());
        Section.Replace(Path.Combine(folder, "benchmarks.md"), "./bench.sh", text.ToString());
    }

    private static string Table(Workload workload, IReadOnlyList<Workload> all, Results results)
    {
        var contenders = workload.Contenders.Where(name => results.Took(workload.Name, name)).ToList();
        var limit = contenders.Contains(Limit) ? Limit : contenders.Contains(ClientCommands.Bare) ? ClientCommands.Bare : null;
        var peers = contenders.Where(name => name != limit && !IsOurs(name)).ToList();
        var ours = contenders.FirstOrDefault(IsOurs);
        var table = new StringBuilder($"| | {string.Join(" | ", contenders)} |");
        var rule = new StringBuilder($"|---|{string.Concat(contenders.Select(_ => "---|"))}");
        if (limit is not null)
        {
            table.Append(CultureInfo.InvariantCulture, $" ours / {limit} |");
            rule.Append("---|");
        }

        if (peers.Count > 0)
        {
            table.Append(" ours / best peer |");
            rule.Append("---|");
        }

        table.Append('\n').Append(rule).Append('\n');
        foreach (var figure in results.Names(workload.Name))
        {
            table.Append(CultureInfo.InvariantCulture, $"| {figure} | {string.Join(" | ", contenders.Select(name => Text.Of(results.Median(workload.Name, name, figure))))} |");
            if (limit is not null) table.Append(CultureInfo.InvariantCulture, $" {Text.Of(ours is null ? null : results.Ratio(workload.Name, ours, limit, figure))} |");
            if (peers.Count > 0)
            {
                var best = peers.Where(name => results.Median(workload.Name, name, figure) is not null).MinBy(name => results.Median(workload.Name, name, figure));
                table.Append(CultureInfo.InvariantCulture, $" {Text.Of(ours is null || best is null ? null : results.Ratio(workload.Name, ours, best, figure))} |");
            }

            table.Append('\n');
            if (figure == Figures.Stored && ShareOfBare(workload, all, contenders, results) is { } shares) table.Append(shares);
        }

        foreach (var name in contenders.Where(name => results.Failure(workload.Name, name) is not null))
        {
            table.Append(CultureInfo.InvariantCulture, $"\n{name} did not come to the end: {results.Failure(workload.Name, name)}\n");
        }

        return table.ToString();
    }

    /// <summary>What part of the bare sender's speed each one reaches, from its first write on; null where nothing large is sent.</summary>
    private static string? ShareOfBare(Workload workload, IReadOnlyList<Workload> all, IReadOnlyList<string> contenders, Results results)
    {
        if (workload.Sent == 0 || all.OfType<OneFile>().FirstOrDefault(file => file.Sent > 0) is not { } file) return null;
        if (results.Median(file.Name, ClientCommands.Bare, OneFile.Whole) is not { } bare) return null;
        var seconds = bare / file.Sent * workload.Sent;
        return $"| share of the bare sender | {string.Join(" | ", contenders.Select(name => Text.Of(seconds / results.Median(workload.Name, name, Figures.Stored))))} |\n";
    }

    private static string? Picture(Workload workload, Results results)
    {
        var groups = workload.Drawn
            .Select(figure => (figure, (IReadOnlyList<(string, double?)>)[.. workload.Contenders.Select(name => (name, results.Median(workload.Name, name, figure))).Where(bar => bar.Item2 is not null)]))
            .Where(group => group.Item2.Count > 0)
            .ToList();
        return groups.Count == 0 ? null : SvgBars.Draw(workload.Title, groups);
    }

    private static bool IsOurs(string contender) => contender.StartsWith(Drives.Ours, StringComparison.Ordinal);
}
