using Microsoft.Data.Sqlite;

namespace SyncAgent.Journal;

public sealed partial class JournalReader
{
    /// <summary>What SQLite finds wrong with the file, at most so many complaints; empty when it is whole.</summary>
    public IReadOnlyList<string> FindDamage(int most)
    {
        lock (_lock)
        {
            try
            {
                var answers = _sql.Query($"PRAGMA quick_check({most})", r => r.GetString(0));
                return answers is ["ok"] ? [] : answers;
            }
            catch (SqliteException e)
            {
                return [e.Message]; // too damaged to be checked
            }
        }
    }

    /// <summary>The statements that made the tables, and how many rows each has: for a support file, which has no rows in it.</summary>
    public IReadOnlyList<(string Name, string Sql, long Rows)> Tables()
    {
        lock (_lock)
        {
            return
            [
                .. _sql.Query("SELECT name, sql FROM sqlite_schema WHERE type='table' AND sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY name", r => (Name: r.GetString(0), Sql: r.GetString(1)))
                    .Select(table => (table.Name, table.Sql, Convert.ToInt64(_sql.Scalar($"SELECT COUNT(*) FROM {table.Name}"), System.Globalization.CultureInfo.InvariantCulture))),
            ];
        }
    }

    /// <summary>Format of the file, and the sequences of its meta table.</summary>
    public (long Format, long Sequence, long Durable) Position()
    {
        lock (_lock) return (Number("PRAGMA user_version"), Number("SELECT value FROM meta WHERE name='sequence'"), Number("SELECT value FROM meta WHERE name='durable'"));

        long Number(string sql) => Convert.ToInt64(_sql.Scalar(sql), System.Globalization.CultureInfo.InvariantCulture);
    }
}
