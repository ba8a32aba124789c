using Microsoft.Data.Sqlite;
using SyncAgent.Journal;
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

    /// <summary>The agent died right after it had announced that it would join changes with what they change: all that stand on a durable content of their file.</summary>
    public static void BeginFolding(string state)
    {
        if (!File.Exists(Path.Combine(state, "journal.db"))) return;
        using var journal = JournalCopy.Open(Path.Combine(state, "journal.db"));
        Run(journal, "UPDATE generation SET folding=1 WHERE state=2 AND base=1 AND sealed<=(SELECT value FROM meta WHERE name='durable') AND id IN (SELECT content FROM node)");
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
            if (path is null) continue;
            var owner = OwnerOf(path, writers);
            if (owner is null && !path.StartsWith("again/", StringComparison.Ordinal)) continue;
            var file = Path.Combine(state, "staging", staging);
            if (!File.Exists(file)) continue;
            if (isWhole)
            {
                using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write);
                RandomAccess.SetLength(handle, RandomAccess.GetLength(handle) / 2);
            }

            owner?.GiveUp(path);
        }

        Run(journal, "UPDATE meta SET value='another boot' WHERE name='boot_id'");
    }

    /// <summary>The journal is older than the staging folder: new files that had not been made durable are not in it. Only such are taken as nothing
    /// else speaks of. Their writers give them up, although they come back: that their content counts at all is no promise.</summary>
    public static void ForgetFiles(string state, IReadOnlyList<Writer> writers)
    {
        if (!File.Exists(Path.Combine(state, "journal.db"))) return;
        using var journal = JournalCopy.Open(Path.Combine(state, "journal.db"));
        using var command = journal.CreateCommand();
        command.CommandText =
            "SELECT n.id, g.staging FROM node n JOIN generation g ON g.node=n.id WHERE n.type=0 AND n.pending=1 AND n.r_key IS NULL AND n.problem=0 AND n.content IS NOT NULL AND n.open IS NULL " +
            "AND n.changed>(SELECT value FROM meta WHERE name='durable') AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.node=n.id)";
        var staged = new List<(long Node, string Staging)>();
        using (var rows = command.ExecuteReader())
        {
            while (rows.Read()) staged.Add((rows.GetInt64(0), rows.GetString(1)));
        }

        foreach (var node in staged.GroupBy(row => row.Node, row => row.Staging))
        {
            var path = PathOf(journal, node.Key);
            if (path is null || OwnerOf(path, writers) is not { } owner) continue;
            if (node.Any(staging => StagingMark.TryRead(Path.Combine(state, "staging", staging))?.Path != path)) continue;
            Run(journal, FormattableString.Invariant($"DELETE FROM retired WHERE node={node.Key}; DELETE FROM generation WHERE node={node.Key}; DELETE FROM node WHERE id={node.Key}"));
            owner.GiveUp(path);
        }

        ForgetOpen(state, journal);
    }

    // What was begun over others is interrupted as it was before: nobody gives it up.
    private static void ForgetOpen(string state, SqliteConnection journal)
    {
        using var command = journal.CreateCommand();
        command.CommandText = "SELECT g.id, g.staging FROM generation g JOIN node n ON n.open=g.id WHERE g.state=0 AND (n.content IS NOT NULL OR n.r_key IS NOT NULL)";
        var open = new List<(long Id, string Staging)>();
        using (var rows = command.ExecuteReader())
        {
            while (rows.Read()) open.Add((rows.GetInt64(0), rows.GetString(1)));
        }

        foreach (var (id, staging) in open.Where(row => StagingMark.TryRead(Path.Combine(state, "staging", row.Staging))?.State == GenerationState.Open))
            Run(journal, FormattableString.Invariant($"UPDATE node SET open=NULL WHERE open={id}; DELETE FROM generation WHERE id={id}"));
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

    private static Writer? OwnerOf(string path, IReadOnlyList<Writer> writers) =>
        writers.FirstOrDefault(writer => path.StartsWith(writer.Folder + "/", StringComparison.Ordinal));

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
            if (row.GetInt64(0) == 0) return path; // the root; its name is no part of a path
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
