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

    /// <summary>A generator for one part of the mode: the same for the same seed and name, whatever the other parts draw. Thread-safe.</summary>
    public Random ChanceOf(string part) => new SharedRandom(StableHash($"{Seed}/{part}"));

    /// <summary>Says how far it is; not part of the result.</summary>
    public void Tell(string line) => Console.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,7:0.0} s  {line}"));

    /// <summary>System.Random of a seed is spoiled by two threads that ask at once, and gives zeros from then on.</summary>
    private sealed class SharedRandom(int seed) : Random
    {
        private readonly Lock _lock = new();
        private readonly Random _random = new(seed);

        public override int Next()
        {
            lock (_lock) return _random.Next();
        }

        public override int Next(int maxValue)
        {
            lock (_lock) return _random.Next(maxValue);
        }

        public override int Next(int minValue, int maxValue)
        {
            lock (_lock) return _random.Next(minValue, maxValue);
        }

        public override long NextInt64()
        {
            lock (_lock) return _random.NextInt64();
        }

        public override void NextBytes(Span<byte> buffer)
        {
            lock (_lock) _random.NextBytes(buffer);
        }

        public override void NextBytes(byte[] buffer)
        {
            lock (_lock) _random.NextBytes(buffer);
        }

        protected override double Sample()
        {
            lock (_lock) return _random.NextDouble();
        }

        public override double NextDouble() => Sample();
    }

    private static int StableHash(string text)
    {
        var hash = 2166136261u;
        foreach (var character in text) hash = (hash ^ character) * 16777619u;
        return (int)hash;
    }
}
