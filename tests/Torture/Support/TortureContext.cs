using System.Diagnostics;

namespace SyncAgent.Torture.Support;

/// <summary>What every mode is given.</summary>
/// <param name="Seed">Where all its chance comes from.</param>
/// <param name="Work">A scratch folder of its own, empty.</param>
/// <param name="Agent">The syncagent program under test.</param>
internal sealed record TortureContext(int Seed, string Work, string Agent)
{
    private readonly long _begun = Stopwatch.GetTimestamp();

    /// <summary>How long it has been running.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begun);

    /// <summary>A generator for one part of the mode: the same for the same seed and name, whatever the other parts draw.</summary>
    public Random ChanceOf(string part) => new(StableHash($"{Seed}/{part}"));

    /// <summary>Says how far it is; not part of the result.</summary>
    public void Tell(string line) => Console.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,7:0.0} s  {line}"));

    private static int StableHash(string text)
    {
        var hash = 2166136261u;
        foreach (var character in text) hash = (hash ^ character) * 16777619u;
        return (int)hash;
    }
}
