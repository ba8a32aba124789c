using Microsoft.Data.Sqlite;
using SyncAgent.Torture.Rigs;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Torture.Crash;

/// <summary>What is done to the files of a dead agent before it is started again.</summary>
internal static class Damage
{
    /// <summary>The checkpoints of all uploads say something else than was written.</summary>
    public static void DamageParts(string state)
    {
        if (!File.Exists(Path.Combine(state, "journal.db"))) return;
        using var journal = JournalCopy.Open(Path.Combine(state, "journal.db"));
        Run(journal, "UPDATE part SET crc=crc+1");
    }

    /// <summary>The power went: of what the agent had not made durable yet, the staged bytes are cut. The names whose content is lost so, or that
    /// no checksum can prove to be whole, are given up by their writers; that this is right only before durability is the business of the mode "power".</summary>
    public static void CutPower(string state, IReadOnlyList<Writer> writers)
    {
        if (!File.Exists(Path.Combine(state, "journal.db"))) return;
        using var journal = JournalCopy.Open(Path.Combine(state, "journal.db"));
        using var command = journal.CreateCommand();
        command.CommandText =
            "SELECT g.staging, g.node, g.base=0 AND g.size>0, g.base=2 OR g.crc IS NULL FROM generation g WHERE g.state IN (1,2) AND g.sealed>(SELECT value FROM meta WHERE name='durable')";
        var torn = new List<(string Staging, long Node, bool IsWhole, bool IsUnproved)>();
        using (var rows = command.ExecuteReader())
        {
            while (rows.Read()) torn.Add((rows.GetString(0), rows.GetInt64(1), rows.GetBoolean(2), rows.GetBoolean(3)));
        }

        foreach (var (staging, node, isWhole, _) in torn.Where(row => row.IsWhole || row.IsUnproved))
        {
            var path = PathOf(journal, node);
            if (path is null || writers.FirstOrDefault(writer => path.StartsWith(writer.Folder + "/", StringComparison.Ordinal)) is not { } owner) continue;
            var file = Path.Combine(state, "staging", staging);
            if (!File.Exists(file)) continue;
            if (isWhole)
            {
                using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write);
                RandomAccess.SetLength(handle, RandomAccess.GetLength(handle) / 2);
            }

            owner.GiveUp(path);
        }

        Run(journal, "UPDATE meta SET value='another boot' WHERE name='boot_id'");
    }

    /// <summary>A staged file that no row speaks of, with its extent log.</summary>
    public static void AddOrphan(string state, Random random)
    {
        var folder = Path.Combine(state, "staging");
        if (!Directory.Exists(folder)) return;
        var name = Convert.ToHexStringLower(BitConverter.GetBytes(random.NextInt64())) + Convert.ToHexStringLower(BitConverter.GetBytes(random.NextInt64()));
        foreach (var file in (string[])[Path.Combine(folder, name), Path.Combine(folder, name + ".map")])
        {
            File.WriteAllText(file, "nobody knows");
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddYears(50));
        }
    }

    private static string? PathOf(SqliteConnection journal, long node)
    {
        var path = "";
        while (true)
        {
            using var command = journal.CreateCommand();
            command.CommandText = "SELECT parent, name FROM node WHERE id=$1";
            command.Parameters.AddWithValue("$1", node);
            using var row = command.ExecuteReader();
            if (!row.Read()) return null;
            if (row.GetString(1).Length == 0) return path;
            path = path.Length == 0 ? row.GetString(1) : $"{row.GetString(1)}/{path}";
            node = row.GetInt64(0);
        }
    }

    private static void Run(SqliteConnection journal, string sql)
    {
        using var command = journal.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
