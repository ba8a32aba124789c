using Microsoft.Data.Sqlite;

namespace SyncAgent.Journal.Sql;

/// <summary>Numbered migrations; <c>PRAGMA user_version</c> is the number applied. A newer file is refused.</summary>
internal static class Migrations
{
    private static readonly string[] Journal =
    [
        """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
        INSERT INTO meta VALUES('sequence',0),('durable',0),('ids',1);
        CREATE TABLE drive(id INTEGER PRIMARY KEY, root INTEGER NOT NULL, store TEXT NOT NULL, endpoint TEXT NOT NULL,
          region TEXT NOT NULL, bucket TEXT NOT NULL, prefix TEXT NOT NULL, mount_point TEXT NOT NULL);
        CREATE TABLE node(id INTEGER PRIMARY KEY, drive INTEGER NOT NULL, parent INTEGER NOT NULL, name TEXT NOT NULL,
          fold TEXT NOT NULL, type INTEGER NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL,
          atime INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL, target TEXT, size INTEGER NOT NULL,
          content INTEGER, open INTEGER, attributes INTEGER NOT NULL,
          r_key TEXT, r_etag TEXT, r_version TEXT, r_crc INTEGER, r_size INTEGER, r_time INTEGER, r_generation INTEGER,
          r_attributes INTEGER, r_proof INTEGER,
          changed INTEGER NOT NULL, pending INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
          cancels INTEGER NOT NULL DEFAULT 0, problem INTEGER NOT NULL DEFAULT 0, error TEXT);
        CREATE UNIQUE INDEX node_name ON node(parent, name);
        CREATE INDEX node_fold ON node(parent, fold);
        CREATE INDEX node_pending ON node(drive, due) WHERE pending=1;
        CREATE INDEX node_pending_size ON node(drive, size) WHERE pending=1;
        CREATE INDEX node_remote ON node(drive, r_key) WHERE r_key IS NOT NULL;
        CREATE INDEX node_open ON node(open) WHERE open IS NOT NULL;
        CREATE INDEX node_problem ON node(problem) WHERE problem<>0;
        CREATE TABLE generation(id INTEGER PRIMARY KEY, node INTEGER NOT NULL, staging TEXT NOT NULL UNIQUE, state INTEGER NOT NULL,
          base INTEGER NOT NULL, base_generation INTEGER, base_key TEXT, base_etag TEXT, base_size INTEGER NOT NULL,
          size INTEGER NOT NULL, crc INTEGER, sealed INTEGER NOT NULL DEFAULT 0, folding INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX generation_node ON generation(node);
        CREATE INDEX generation_open ON generation(state) WHERE state<>2;
        CREATE INDEX generation_base ON generation(base_generation) WHERE base_generation IS NOT NULL;
        CREATE INDEX generation_base_key ON generation(base_key) WHERE base_key IS NOT NULL;
        CREATE TABLE upload(id INTEGER PRIMARY KEY, drive INTEGER NOT NULL, node INTEGER NOT NULL, generation INTEGER NOT NULL,
          key TEXT NOT NULL, upload_id TEXT, part_size INTEGER NOT NULL, size INTEGER NOT NULL, phase INTEGER NOT NULL,
          created INTEGER NOT NULL, check_sum INTEGER NOT NULL);
        CREATE INDEX upload_node ON upload(node);
        CREATE INDEX upload_key ON upload(drive, key);
        CREATE TABLE part(upload INTEGER NOT NULL, number INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
          crc INTEGER NOT NULL, etag TEXT NOT NULL, check_sum INTEGER NOT NULL, PRIMARY KEY(upload, number)) WITHOUT ROWID;
        CREATE TABLE doomed(id INTEGER PRIMARY KEY, drive INTEGER NOT NULL, key TEXT NOT NULL, r_etag TEXT, r_version TEXT,
          r_crc INTEGER, r_size INTEGER NOT NULL, r_time INTEGER NOT NULL, changed INTEGER NOT NULL, due INTEGER NOT NULL,
          attempts INTEGER NOT NULL DEFAULT 0, problem INTEGER NOT NULL DEFAULT 0, error TEXT);
        CREATE UNIQUE INDEX doomed_key ON doomed(drive, key);
        CREATE INDEX doomed_due ON doomed(due);
        CREATE TABLE receipt(id INTEGER PRIMARY KEY AUTOINCREMENT, drive INTEGER NOT NULL, node INTEGER NOT NULL,
          generation INTEGER, key TEXT NOT NULL, etag TEXT, version TEXT, crc INTEGER, size INTEGER NOT NULL,
          proof INTEGER NOT NULL, at INTEGER NOT NULL);
        CREATE INDEX receipt_key ON receipt(drive, key);
        CREATE TABLE discard(staging TEXT PRIMARY KEY) WITHOUT ROWID;
        """,
        """
        ALTER TABLE discard ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE retired(generation INTEGER PRIMARY KEY, node INTEGER NOT NULL, sequence INTEGER NOT NULL);
        CREATE INDEX retired_node ON retired(node);
        """,
        "ALTER TABLE receipt ADD COLUMN note TEXT;",
        """
        ALTER TABLE node ADD COLUMN xattrs TEXT;
        ALTER TABLE node ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE pin(drive INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY(drive, path)) WITHOUT ROWID;
        CREATE INDEX node_ignored ON node(drive) WHERE flags&1=1;
        ALTER TABLE generation ADD COLUMN since INTEGER;
        """,
        """
        ALTER TABLE doomed ADD COLUMN cause INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE doomed ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE doomed ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE doomed ADD COLUMN trash TEXT;
        CREATE INDEX doomed_asked ON doomed(drive, since) WHERE cause=0 AND confirmed=0 AND problem=0;
        CREATE INDEX doomed_free ON doomed(drive, key) WHERE cause<>0 OR confirmed<>0;
        """,
        """
        DROP INDEX node_pending;
        DROP INDEX node_pending_size;
        CREATE INDEX node_pending ON node(drive, due) WHERE pending=1 AND flags&2=0;
        CREATE INDEX node_pending_size ON node(drive, size, type, changed) WHERE pending=1 AND flags&2=0;
        CREATE INDEX node_held ON node(drive) WHERE flags&2=2;
        CREATE TABLE history(id INTEGER PRIMARY KEY AUTOINCREMENT, drive INTEGER NOT NULL, at INTEGER NOT NULL, what INTEGER NOT NULL,
          key TEXT NOT NULL, size INTEGER, etag TEXT, reason TEXT);
        INSERT INTO history(drive,at,what,key,size,etag,reason) SELECT drive,at,0,key,size,etag,note FROM
          (SELECT * FROM receipt WHERE substr(key,-1)<>'/' ORDER BY id DESC LIMIT 20000) ORDER BY id;
        """,
    ];

    private static readonly string[] Cache =
    [
        """
        CREATE TABLE node(id INTEGER PRIMARY KEY, drive INTEGER NOT NULL, parent INTEGER NOT NULL, name TEXT NOT NULL,
          fold TEXT NOT NULL, type INTEGER NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL,
          atime INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL, target TEXT, size INTEGER NOT NULL,
          content INTEGER, open INTEGER, attributes INTEGER NOT NULL,
          r_key TEXT, r_etag TEXT, r_version TEXT, r_crc INTEGER, r_size INTEGER, r_time INTEGER, r_generation INTEGER,
          r_attributes INTEGER, r_proof INTEGER,
          changed INTEGER NOT NULL, pending INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
          cancels INTEGER NOT NULL, problem INTEGER NOT NULL, error TEXT);
        CREATE INDEX node_name ON node(parent, name);
        CREATE TABLE listing(directory INTEGER PRIMARY KEY, at INTEGER NOT NULL);
        """,
        """
        ALTER TABLE node ADD COLUMN xattrs TEXT;
        ALTER TABLE node ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE cached(file TEXT PRIMARY KEY, drive INTEGER NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL,
          used INTEGER NOT NULL, bytes INTEGER NOT NULL, ranges BLOB NOT NULL);
        CREATE UNIQUE INDEX cached_object ON cached(drive, key, etag, size);
        CREATE INDEX cached_used ON cached(drive, used, file, bytes);
        """,
    ];

    public static int JournalVersion => Journal.Length;

    public static void ApplyJournal(SqlSession sql) => Apply(sql, Journal, "journal.db");

    public static void ApplyCache(SqlSession sql) => Apply(sql, Cache, "cache.db");

    /// <summary>Refuses a journal of another format, for those who only look.</summary>
    public static void RequireJournal(SqlSession sql)
    {
        var version = VersionOf(sql, Journal, "journal.db");
        if (version < Journal.Length)
            throw new JournalException($"journal.db has format {version}, this version reads {Journal.Length}: \"syncagent mount\" brings it up to date.");
    }

    private static int VersionOf(SqlSession sql, string[] migrations, string name)
    {
        var version = Convert.ToInt32(sql.Scalar("PRAGMA user_version"), System.Globalization.CultureInfo.InvariantCulture);
        return version <= migrations.Length
            ? version
            : throw new JournalException(
                $"{name} has format {version}, this version knows {migrations.Length}: it was written by a newer SyncAgent. " +
                "Install that version again; nothing was changed.");
    }

    private static void Apply(SqlSession sql, string[] migrations, string name)
    {
        var version = VersionOf(sql, migrations, name);
        for (var next = version; next < migrations.Length; next++)
        {
            using var transaction = sql.Connection.BeginTransaction();
            Execute(sql.Connection, transaction, migrations[next]);
            Execute(sql.Connection, transaction, $"PRAGMA user_version={next + 1}");
            transaction.Commit();
        }
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction transaction, string text)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = text;
#pragma warning restore CA2100
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }
}
