using System.Text.Json;

namespace SyncAgent.Torture.Crash;

/// <summary>The crash points and how often the agent died at each with work pending. Thread-safe.</summary>
/// <param name="names">The points.</param>
/// <param name="file">Where the kills at points are kept from run to run, or null: a long campaign is many runs.</param>
internal sealed class PointTable(IReadOnlyList<string> names, string? file)
{
    private sealed class Row
    {
        public int Kills { get; set; }

        public int Idle { get; set; }

        public int Underway { get; set; }

        public int Misses { get; set; }

        public double Depth { get; set; } = 1;
    }

    private const double Deepest = 40;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Row> _rows = Load(names, file);

    /// <summary>Kills at points in the runs before this one.</summary>
    public int Before { get; } = file is null ? 0 : Read(file).Values.Sum();

    /// <summary>Deaths at named points with work pending.</summary>
    public int Kills
    {
        get
        {
            lock (_lock) return _rows.Values.Sum(row => row.Kills);
        }
    }

    /// <summary>Points below a number of kills.</summary>
    public IReadOnlyList<string> Below(int wanted)
    {
        lock (_lock) return [.. _rows.Where(row => row.Value.Kills < wanted).Select(row => row.Key)];
    }

    /// <summary>The point that needs a kill most, and which time of reaching it is meant.</summary>
    public (string Name, int Time) Next(Random random, int wanted)
    {
        lock (_lock)
        {
            // Those that are hard to reach must not hold up the others: each miss counts a little.
            var order = _rows.Select(row => (row.Key, row.Value, Rank: row.Value.Kills + row.Value.Underway + Math.Min(row.Value.Misses * 0.3, wanted) + random.NextDouble())).ToList();
            var missing = order.Where(row => row.Value.Kills + row.Value.Underway < wanted).ToList();
            var (name, chosen, _) = (missing.Count > 0 ? missing : order).MinBy(row => row.Rank);
            chosen.Underway++;
            return (name, 1 + random.Next((int)chosen.Depth));
        }
    }

    /// <summary>What came of it.</summary>
    /// <param name="name">The point.</param>
    /// <param name="reached">Whether the agent died there.</param>
    /// <param name="pending">Whether work was pending then.</param>
    public void Note(string name, bool reached, bool pending)
    {
        lock (_lock)
        {
            var row = _rows[name];
            row.Underway--;
            if (!reached)
            {
                row.Misses++;
                row.Depth = 1;
                return;
            }

            row.Depth = Math.Min(Deepest, row.Depth * 1.5);
            if (!pending)
            {
                row.Idle++;
                return;
            }

            row.Kills++;
            if (file is not null) File.WriteAllText(file, JsonSerializer.Serialize(_rows.ToDictionary(each => each.Key, each => each.Value.Kills), Indented));
        }
    }

    /// <summary>A line per point.</summary>
    public IEnumerable<string> Lines()
    {
        lock (_lock) return [.. _rows.Select(row => $"{row.Key,-34} {row.Value.Kills,5} kills{(row.Value.Misses > 0 ? $", {row.Value.Misses} misses" : "")}{(row.Value.Idle > 0 ? $", {row.Value.Idle} idle" : "")}")];
    }

    private static SortedDictionary<string, Row> Load(IReadOnlyList<string> names, string? file)
    {
        var before = file is null ? [] : Read(file);
        return new(names.ToDictionary(name => name, name => new Row { Kills = before.GetValueOrDefault(name) }), StringComparer.Ordinal);
    }

    private static Dictionary<string, int> Read(string file) =>
        File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(file))! : [];
}
