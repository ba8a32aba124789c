using System.Globalization;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Power;

/// <summary>Counts what a run of power cuts found.</summary>
internal sealed class PowerTally
{
    private readonly List<string> _failures = [];
    private readonly Dictionary<Fault, int> _images = [];
    private TimeSpan _inProcess;
    private TimeSpan _longestClosing;
    private int _seeds;
    private int _count;
    private int _real;
    private int _acknowledgements;

    /// <summary>Images kept for somebody to look at.</summary>
    public int Kept { get; set; }

    /// <summary>How it stands.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{_count} images, {_inProcess.TotalMilliseconds / Math.Max(1, _count - _real):0} ms each, lost {Count(Fault.Lost)}, torn {Count(Fault.Torn)}, wrong {Count(Fault.Wrong)}");

    /// <summary>A workload was recorded.</summary>
    public void Recorded(Recording recording, BlockLog log)
    {
        _seeds++;
        _acknowledgements += recording.Histories.Sum(history => history.Acknowledgements);
        if (recording.LongestClosing > _longestClosing) _longestClosing = recording.LongestClosing;
        if (!log.Entries.Any(entry => entry.IsFlush)) Failed("nothing was flushed: the workload proves nothing");
    }

    /// <summary>An image was judged.</summary>
    public void Checked(int seed, int index, CrashMoment moment, bool real, TimeSpan took, IReadOnlyList<Finding> findings)
    {
        _count++;
        if (real) _real++;
        else _inProcess += took;
        foreach (var fault in findings.Select(finding => finding.Fault).Distinct()) _images[fault] = Count(fault) + 1;
        foreach (var finding in findings)
            _failures.Add($"seed {seed}, image {index} (flush {moment.Flushed}, issued {moment.Issued}, part {moment.Seed}{(real ? ", real agent" : "")}): {finding.Fault}: {finding.What}");
    }

    /// <summary>Something is wrong with the run itself.</summary>
    public void Failed(string what) => _failures.Add(what);

    /// <summary>The figures, and the failures up to a number. With a step left out, it is a failure that nothing was lost.</summary>
    public TortureResult Result(string? omitted, int mostShown)
    {
        List<(string, string)> figures =
        [
            ("seeds", Text(_seeds)), ("acknowledgements", Text(_acknowledgements)), ("images", Text(_count)), ("by the real program", Text(_real)),
            ("ms an image", Text((int)(_inProcess.TotalMilliseconds / Math.Max(1, _count - _real)))),
            ("images with losses", Text(Count(Fault.Lost))), ("with torn content", Text(Count(Fault.Torn))), ("otherwise wrong", Text(Count(Fault.Wrong))),
            ("longest wait for durable", string.Create(CultureInfo.InvariantCulture, $"{_longestClosing.TotalSeconds:0.0} s")),
        ];
        if (omitted is not null)
        {
            figures.Insert(0, ("left out", omitted));
            foreach (var failure in _failures.Take(3)) Console.WriteLine($"as expected: {failure}");
            return new TortureResult(figures, Count(Fault.Lost) + Count(Fault.Torn) > 0 ? [] : [$"nothing was lost without {omitted}: the check is too weak"]);
        }

        var shown = _failures.Count <= mostShown ? _failures : [.. _failures.Take(mostShown), $"and {_failures.Count - mostShown} more"];
        return new TortureResult(figures, shown);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private int Count(Fault fault) => _images.GetValueOrDefault(fault);
}
