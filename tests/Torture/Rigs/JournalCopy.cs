using Microsoft.Data.Sqlite;

namespace SyncAgent.Torture.Rigs;

/// <summary>What a dead agent's journal says, read from a copy: opening the journal itself would already repair it.</summary>
/// <param name="Pending">Nodes to be sent, open generations, keys to be deleted, uploads.</param>
/// <param name="UploadIds">Multipart uploads that the agent knew.</param>
internal sealed record JournalCopy(long Pending, IReadOnlyList<string> UploadIds)
{
    /// <summary>Nothing there.</summary>
    private static readonly JournalCopy Nothing = new(0, []);

    /// <summary>Reads the journal of a state folder, whose agent must be dead.</summary>
    public static JournalCopy Read(string state)
    {
        if (!File.Exists(Path.Combine(state, "journal.db"))) return Nothing;
        var folder = Directory.CreateTempSubdirectory("syncagent-torture-journal-");
        try
        {
            foreach (var name in (string[])["journal.db", "journal.db-wal"])
            {
                var file = Path.Combine(state, name);
                if (File.Exists(file)) File.Copy(file, Path.Combine(folder.FullName, name));
            }

            using var journal = Open(Path.Combine(folder.FullName, "journal.db"));
            if (Number(journal, "SELECT COUNT(*) FROM sqlite_master WHERE name='node'") == 0) return Nothing;
            var pending = Number(
                journal,
                "SELECT (SELECT COUNT(*) FROM node WHERE pending=1) + (SELECT COUNT(*) FROM generation WHERE state<>2) + (SELECT COUNT(*) FROM doomed) + (SELECT COUNT(*) FROM upload)");
            using var command = journal.CreateCommand();
            command.CommandText = "SELECT upload_id FROM upload WHERE upload_id IS NOT NULL";
            using var rows = command.ExecuteReader();
            var ids = new List<string>();
            while (rows.Read()) ids.Add(rows.GetString(0));
            return new JournalCopy(pending, ids);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Opens a journal past the agent, which must be dead.</summary>
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static long Number(SqliteConnection journal, string sql)
    {
        using var command = journal.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
