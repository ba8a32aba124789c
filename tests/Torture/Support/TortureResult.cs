using System.Globalization;

namespace SyncAgent.Torture.Support;

/// <summary>What came of a mode.</summary>
/// <param name="Figures">What was measured and counted, in the order in which it is shown.</param>
/// <param name="Failures">Broken promises, a line each; none when it passed.</param>
internal sealed record TortureResult(IReadOnlyList<(string Name, string Value)> Figures, IReadOnlyList<string> Failures)
{
    /// <summary>Exit code where the machine lacks what a mode needs.</summary>
    public const int CannotRun = 77;

    /// <summary>The last line of the output, in one form for all modes.</summary>
    public string Line(string mode, TortureContext context) => string.Create(
        CultureInfo.InvariantCulture,
        $"torture {mode}: seed {context.Seed}, {context.Elapsed.TotalSeconds:0} s, {string.Join(", ", Figures.Select(figure => $"{figure.Name} {figure.Value}"))}: {(Failures.Count == 0 ? "PASSED" : $"FAILED ({Failures.Count})")}");
}
