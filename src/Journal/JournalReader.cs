using Microsoft.Data.Sqlite;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

/// <summary>Reads committed rows. Each reader has its own connection and lock; calls are short.</summary>
public sealed partial class JournalReader : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SqlSession _sql;
    private bool _atOneMoment;

    internal JournalReader(SqlSession sql) => _sql = sql;

    /// <summary>Opens the journal of a state folder to look into it, also while an agent works on it; nothing is changed.</summary>
    /// <exception cref="JournalException">There is none, it cannot be read, or it has another format.</exception>
    public static JournalReader OpenBeside(string folder)
    {
        var path = System.IO.Path.Combine(folder, JournalStore.FileName);
        if (!File.Exists(path)) throw new JournalException($"{folder} holds no journal.");
        try
        {
            var sql = SqlSession.Open(path, readOnly: true);
            try
            {
                Migrations.RequireJournal(sql);
                return new JournalReader(sql);
            }
            catch
            {
                sql.Dispose();
                throw;
            }
        }
        catch (SqliteException e)
        {
            throw new JournalException($"{JournalStore.FileName} in {folder} cannot be read: {e.Message}", inner: e);
        }
    }

    /// <summary>Several questions answered from the rows of one moment: no commit comes in between. They are to be asked of this reader and by
    /// this thread, and nothing may be waited for. Within such questions it may be asked again: the moment stays the outer one's.</summary>
    public T AtOneMoment<T>(Func<T> ask)
    {
        ArgumentNullException.ThrowIfNull(ask);
        lock (_lock)
        {
            if (_atOneMoment) return ask();
            _sql.Run("BEGIN");
            _atOneMoment = true;
            try
            {
                return ask();
            }
            finally
            {
                _atOneMoment = false;
                _sql.Run("COMMIT");
            }
        }
    }

    /// <summary>A value kept under a name, or null.</summary>
    public string? Value(string name)
    {
        lock (_lock) return _sql.Scalar("SELECT value FROM meta WHERE name=$1", name) as string;
    }

    /// <summary>All drives.</summary>
    public IReadOnlyList<DriveRow> Drives()
    {
        lock (_lock) return _sql.Query("SELECT id,root,store,endpoint,region,bucket,prefix,mount_point FROM drive ORDER BY id", Rows.Drive);
    }

    /// <summary>A node, or null.</summary>
    public NodeRow? Node(long id)
    {
        lock (_lock) return FindNode(id);
    }

    /// <summary>The nodes of a directory that stand in the journal.</summary>
    public IReadOnlyList<NodeRow> Children(long parent)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.NodeColumns} FROM node WHERE parent=$1", Rows.Node, parent);
    }

    /// <summary>A child by name, or null.</summary>
    public NodeRow? Child(long parent, string name)
    {
        lock (_lock) return FindChild(parent, name);
    }

    /// <summary>A generation, or null.</summary>
    public Generation? Generation(long id)
    {
        lock (_lock) return FindGeneration(id);
    }

    /// <summary>Generations of a state.</summary>
    public IReadOnlyList<Generation> Generations(GenerationState state)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.GenerationColumns} FROM generation WHERE state=$1", Rows.Generation, (int)state);
    }

    /// <summary>Generations whose folding was begun and not finished.</summary>
    public IReadOnlyList<Generation> FoldingGenerations()
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.GenerationColumns} FROM generation WHERE folding=1", Rows.Generation);
    }

    /// <summary>Generations closed or sealed after a sequence, newest first.</summary>
    public IReadOnlyList<Generation> ClosedAfter(long sequence)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.GenerationColumns} FROM generation WHERE state IN (1,2) AND sealed>$1 ORDER BY id DESC", Rows.Generation, sequence);
    }

    /// <summary>Generations by id, a page after <paramref name="after"/>.</summary>
    public IReadOnlyList<Generation> GenerationsAfter(long after, int limit)
    {
        lock (_lock)
        {
            return _sql.Query($"SELECT {Rows.GenerationColumns} FROM generation WHERE id>$1 ORDER BY id LIMIT $2", Rows.Generation, after, limit);
        }
    }

    /// <summary>Names of all staging files that belong to a generation or wait to be deleted.</summary>
    public IReadOnlySet<string> StagingNames()
    {
        lock (_lock)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            _sql.Visit("SELECT staging FROM generation UNION ALL SELECT staging FROM discard", row => names.Add(row.GetString(0)));
            return names;
        }
    }

    /// <summary>The generation whose staging file has a name, or null.</summary>
    public Generation? GenerationIn(string staging)
    {
        lock (_lock) return _sql.QuerySingle($"SELECT {Rows.GenerationColumns} FROM generation WHERE staging=$1", Rows.Generation, staging);
    }

    /// <summary>Closed generations whose base another one is.</summary>
    public IReadOnlyList<Generation> GenerationsOver(long generation)
    {
        lock (_lock)
        {
            return _sql.Query($"SELECT {Rows.GenerationColumns} FROM generation WHERE base_generation=$1 AND state IN (1,2)", Rows.Generation, generation);
        }
    }

    /// <summary>Generations whose node is gone: unlinked while open.</summary>
    public IReadOnlyList<Generation> OrphanGenerations()
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.GenerationColumns} FROM generation g WHERE NOT EXISTS(SELECT 1 FROM node n WHERE n.id=g.node)", Rows.Generation);
        }
    }

    /// <summary>Whether a staging file belongs to a generation or waits to be deleted.</summary>
    public bool KnowsStaging(string staging)
    {
        lock (_lock)
        {
            return _sql.Scalar("SELECT 1 FROM generation WHERE staging=$1 UNION ALL SELECT 1 FROM discard WHERE staging=$1 LIMIT 1", staging) is not null;
        }
    }

    /// <summary>Names of staging files that were given up by mutations up to a sequence.</summary>
    public IReadOnlyList<string> Discards(long sequence = long.MaxValue)
    {
        lock (_lock) return _sql.Query("SELECT staging FROM discard WHERE sequence<=$1", r => r.GetString(0), sequence);
    }

    /// <summary>Whether a content that was replaced up to a sequence still waits to be given back.</summary>
    public bool HasRetired(long sequence)
    {
        lock (_lock) return _sql.Scalar("SELECT 1 FROM retired WHERE sequence<=$1 LIMIT 1", sequence) is not null;
    }

    /// <summary>A generation with what is needed to read it, or null when it is gone.</summary>
    public ContentSource? Content(long generation)
    {
        lock (_lock)
        {
            var row = FindGeneration(generation);
            if (row is null) return null;
            var lower = row.BaseGeneration is { } id ? FindGeneration(id) : null;
            return new ContentSource(row, lower);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) _sql.Dispose();
    }

    private Generation? FindGeneration(long id) =>
        _sql.QuerySingle($"SELECT {Rows.GenerationColumns} FROM generation WHERE id=$1", Rows.Generation, id);
}
