using Microsoft.Data.Sqlite;

namespace SyncAgent.Journal.Sql;

/// <summary>A connection with its prepared statements. Not thread-safe: one owner at a time.</summary>
internal sealed class SqlSession : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    public SqlSession(SqliteConnection connection) => Connection = connection;

    public SqliteConnection Connection { get; }

    /// <summary>Told of every statement that SQLite refuses, before its caller is.</summary>
    public Action<SqliteException>? Failed { get; set; }

    /// <summary>Opens a database, which only its owner may read from the first moment on: SQLite gives its -wal and -shm the rights of
    /// the file.</summary>
    public static SqlSession Open(string path, bool readOnly, Action<SqliteException>? failed = null)
    {
        if (!readOnly && !File.Exists(path)) StagingFile.Create(path).Dispose();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        connection.Open();
        return new SqlSession(connection) { Failed = failed };
    }

    public int Run(string sql, params ReadOnlySpan<object?> values)
    {
        try
        {
            return Prepare(sql, values).ExecuteNonQuery();
        }
        catch (SqliteException e) when (Passes(e))
        {
            throw;
        }
    }

    public object? Scalar(string sql, params ReadOnlySpan<object?> values)
    {
        try
        {
            var value = Prepare(sql, values).ExecuteScalar();
            return value is DBNull ? null : value;
        }
        catch (SqliteException e) when (Passes(e))
        {
            throw;
        }
    }

    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        var rows = new List<T>();
        Visit(sql, row => rows.Add(map(row)), values);
        return rows;
    }

    /// <summary>Hands out rows one by one, so that a long answer is never in memory as a whole.</summary>
    public void Visit(string sql, Action<SqliteDataReader> visit, params ReadOnlySpan<object?> values)
    {
        try
        {
            using var reader = Prepare(sql, values).ExecuteReader();
            while (reader.Read()) visit(reader);
        }
        catch (SqliteException e) when (Passes(e))
        {
            throw;
        }
    }

    public T? QuerySingle<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
        where T : class
    {
        try
        {
            using var reader = Prepare(sql, values).ExecuteReader();
            return reader.Read() ? map(reader) : null;
        }
        catch (SqliteException e) when (Passes(e))
        {
            throw;
        }
    }

    /// <summary>Rolls a failed transaction back.</summary>
    public void RollBack()
    {
        try
        {
            Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has already rolled back by itself (disk full, I/O error); the first error is the one that counts.
        }
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        Connection.Dispose();
    }

    // A filter, so that whoever is told sees the stack as it was. It catches nothing.
    private bool Passes(SqliteException e)
    {
        Failed?.Invoke(e);
        return false;
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this project; values are bound below
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++) command.Parameters.Add(new SqliteParameter($"${i + 1}", null));
            _prepared.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
