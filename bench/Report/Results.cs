using System.Globalization;
using System.Text;
using SyncAgent.Bench.Workloads;

namespace SyncAgent.Bench.Report;

/// <summary>All figures of a run of the benchmark.</summary>
internal sealed class Results
{
    private readonly Dictionary<(string Workload, string Contender), List<Figures>> _runs = [];
    private readonly Dictionary<(string Workload, string Contender), string> _failures = [];

    public void Add(string workload, string contender, Figures figures)
    {
        if (!_runs.TryGetValue((workload, contender), out var runs)) _runs[(workload, contender)] = runs = [];
        runs.Add(figures);
    }

    /// <summary>Notes that a contender did not come to the end.</summary>
    public void Fail(string workload, string contender, string why) => _failures[(workload, contender)] = why;

    public string? Failure(string workload, string contender) => _failures.GetValueOrDefault((workload, contender));

    /// <summary>Whether a contender took part.</summary>
    public bool Took(string workload, string contender) => _runs.ContainsKey((workload, contender)) || _failures.ContainsKey((workload, contender));

    /// <summary>Names of the figures that anybody has, in the order in which they were noted.</summary>
    public IReadOnlyList<string> Names(string workload) =>
        [.. _runs.Where(run => run.Key.Workload == workload).OrderByDescending(run => run.Value[0].Count).SelectMany(run => run.Value[0].Keys).Distinct()];

    /// <summary>The median; null where there is none.</summary>
    public double? Median(string workload, string contender, string figure) =>
        Values(workload, contender, figure) is { Count: > 0 } values ? Measure.Median.Of(values) : null;

    /// <summary>Median over the rounds of what one contender took in units of what another took in the same round; null where there is none.</summary>
    public double? Ratio(string workload, string contender, string other, string figure)
    {
        var ratios = Values(workload, contender, figure).Zip(Values(workload, other, figure), (own, theirs) => own / theirs).Where(double.IsFinite).ToList();
        return ratios.Count > 0 ? Measure.Median.Of(ratios) : null;
    }

    /// <summary>The largest; null where there is none.</summary>
    public double? Largest(string workload, string contender, string figure) =>
        Values(workload, contender, figure) is { Count: > 0 } values ? values.Max() : null;

    /// <summary>Every figure of every run, as a table.</summary>
    public string Csv()
    {
        var csv = new StringBuilder("workload,contender,round,figure,value\n");
        foreach (var ((workload, contender), runs) in _runs)
        {
            for (var round = 0; round < runs.Count; round++)
            {
                foreach (var (figure, value) in runs[round]) csv.Append(CultureInfo.InvariantCulture, $"{workload},\"{contender}\",{round + 1},\"{figure}\",{value:0.######}\n");
            }
        }

        return csv.ToString();
    }

    private List<double> Values(string workload, string contender, string figure) =>
        _runs.TryGetValue((workload, contender), out var runs) ? [.. runs.Where(run => run.ContainsKey(figure)).Select(run => run[figure])] : [];
}
