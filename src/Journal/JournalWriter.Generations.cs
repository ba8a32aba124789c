using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalWriter
{
    /// <summary>"Open for writing, base = N": must be committed before the first byte of the generation is acknowledged.</summary>
    public void BeginGeneration(Generation generation)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(generation);
        var g = CurrentBase(generation);
        _sql.Run(
            $"INSERT INTO generation({Rows.GenerationColumns}) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,0,0,NULL)",
            g.Id, g.Node, g.Staging, (int)GenerationState.Open, (int)g.Base, g.BaseGeneration, g.BaseKey, g.BaseETag, g.BaseSize, g.Size, Rows.Crc(g.Crc));
        _sql.Run("UPDATE node SET open=$2 WHERE id=$1", g.Node, g.Id);
        Note(g.Node, ChangeKinds.Desired);
    }

    // What lies below may have been confirmed under another key, or fetched whole, by a mutation queued just before this one.
    private Generation CurrentBase(Generation generation)
    {
        if (generation.Base != BaseKind.Remote) return generation;
        var node = _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE id=$1", Rows.Node, generation.Node);
        if (node?.Content is { } content && FindGeneration(content) is { } lower)
        {
            return lower.Base == BaseKind.None
                ? generation with { Base = BaseKind.Local, BaseGeneration = lower.Id, BaseKey = null, BaseETag = null }
                : generation with { BaseKey = lower.BaseKey, BaseETag = lower.BaseETag };
        }

        return node?.Remote is { ETag: not null } remote && remote.Size == generation.BaseSize
            ? generation with { BaseKey = remote.Key, BaseETag = remote.ETag }
            : generation;
    }

    /// <summary>A write follows a close: what was flushed no longer counts as closed. Committed before the write lands.</summary>
    public void VoidFlush(long generation)
    {
        Reached();
        _sql.Run("UPDATE generation SET state=0 WHERE id=$1 AND state IN (1,3)", generation);
    }

    /// <summary>A close: if the process dies now, exactly this content counts.</summary>
    public void FlushGeneration(long generation, long size, ulong? crc, long node, long modifyTime, long changeTime)
    {
        Reached();
        _sql.Run("UPDATE generation SET state=1, size=$2, crc=$3, sealed=$4 WHERE id=$1", generation, size, Rows.Crc(crc), Sequence);
        _sql.Run("UPDATE node SET mtime=$2, ctime=$3 WHERE id=$1", node, modifyTime, changeTime);
    }

    /// <summary>The last writer is gone: the generation is immutable and what the bucket should hold.</summary>
    public void SealGeneration(long generation, long size, ulong? crc, long node, long modifyTime, long changeTime, long due)
    {
        Reached();
        _sql.Run("UPDATE generation SET state=2, size=$2, crc=$3, sealed=$4 WHERE id=$1", generation, size, Rows.Crc(crc), Sequence);
        var row = _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE id=$1", Rows.Node, node);
        if (row is null) return;
        _sql.Run(
            "UPDATE node SET content=$2, open=NULL, size=$3, mtime=$4, ctime=$5, changed=$6, pending=(flags&1)=0, due=$7, attempts=0, problem=0, error=NULL, " +
            "attributes=attributes+1 WHERE id=$1",
            node, generation, size, modifyTime, changeTime, Sequence, due);

        // The former content stays until this one is durable: a power cut before that falls back on it.
        if (row.Content is { } former && former != generation) _sql.Run("INSERT OR REPLACE INTO retired VALUES($1,$2,$3)", former, node, Sequence);
        Note(node, ChangeKinds.Desired);
    }

    /// <summary>What was sealed up to a sequence is durable: the contents that it replaced are given back.</summary>
    public void RetireUpTo(long durable)
    {
        Reached();
        foreach (var id in _sql.Query("SELECT generation FROM retired WHERE sequence<=$1", r => r.GetInt64(0), durable))
        {
            _sql.Run("DELETE FROM retired WHERE generation=$1", id);
            RetireGeneration(id);
        }
    }

    /// <summary>A generation whose staging file was found without a row: as it stands, closed by this mutation when it is sealed.</summary>
    public void AdoptGeneration(Generation generation)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(generation);
        var g = generation;
        _sql.Run(
            $"INSERT INTO generation({Rows.GenerationColumns}) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,0,NULL)",
            g.Id, g.Node, g.Staging, (int)g.State, (int)g.Base, g.BaseGeneration, g.BaseKey, g.BaseETag, g.BaseSize, g.Size, Rows.Crc(g.Crc), Sequence);
        Note(g.Node, ChangeKinds.Desired);
    }

    /// <summary>A generation that no node holds leaves the journal; its staging file was moved away.</summary>
    public void ForgetGeneration(long generation)
    {
        Reached();
        _sql.Run("DELETE FROM generation WHERE id=$1 AND NOT EXISTS(SELECT 1 FROM node WHERE content=$1 OR open=$1)", generation);
    }

    /// <summary>A generation is a node's interrupted one.</summary>
    public void SetOpen(long node, long generation)
    {
        Reached();
        _sql.Run("UPDATE node SET open=$2 WHERE id=$1 AND open IS NULL", node, generation);
        Note(node, ChangeKinds.Desired);
    }

    /// <summary>A content of a node counts again if the one after it turns out not to be whole; see <see cref="RetireUpTo"/>.</summary>
    public void Retire(long generation, long node)
    {
        Reached();
        _sql.Run("INSERT OR REPLACE INTO retired VALUES($1,$2,$3)", generation, node, Sequence);
    }

    /// <summary>A write failed: the generation is kept but not published until it is written again.</summary>
    public void MarkIncomplete(long generation)
    {
        Reached();
        _sql.Run("UPDATE generation SET state=3 WHERE id=$1 AND state<>2", generation);
    }

    /// <summary>A closed generation whose bytes did not survive a power cut is not published: it becomes the node's incomplete one, and
    /// the content before it counts again.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="node">Its node.</param>
    /// <param name="insteadOf">The open generation that it takes the place of, and whose file the caller keeps elsewhere; null to leave one that is
    /// open where it is.</param>
    public void Distrust(long generation, long node, long? insteadOf = null)
    {
        Reached();
        if (insteadOf is { } newer) _sql.Run("UPDATE node SET open=NULL WHERE id=$1 AND open=$2", node, newer);
        _sql.Run("UPDATE generation SET state=3 WHERE id=$1", generation);
        if (_sql.Scalar("SELECT 1 FROM node WHERE id=$1 AND content=$2", node, generation) is not null)
        {
            var former = _sql.Scalar("SELECT MAX(generation) FROM retired WHERE node=$1 AND generation<$2", node, generation) as long?;
            _sql.Run("UPDATE node SET content=$2, size=COALESCE((SELECT size FROM generation WHERE id=$2),r_size,0) WHERE id=$1", node, former);
            if (former is { } back) _sql.Run("DELETE FROM retired WHERE generation=$1", back);
        }

        _sql.Run("UPDATE node SET open=$2 WHERE id=$1 AND open IS NULL", node, generation);
        if (insteadOf is { } replaced) ForgetGeneration(replaced);
        Note(node, ChangeKinds.Desired | ChangeKinds.Remote); // the file system follows, as it does what the bucket says
    }

    /// <summary>The bytes of a generation were copied to another staging file, which is durable.</summary>
    public void MoveStaging(long generation, string staging)
    {
        Reached();
        if (FindGeneration(generation) is not { } row) return;
        _sql.Run("UPDATE generation SET staging=$2 WHERE id=$1", generation, staging);
        Discard(row.Staging);
    }

    /// <summary>Throws away the open generation: nobody will close it (unlinked, or truncated while interrupted).</summary>
    public void DropOpenGeneration(long node, long generation)
    {
        Reached();
        _sql.Run("UPDATE node SET open=NULL WHERE id=$1 AND open=$2", node, generation);
        RetireGeneration(generation);
        Note(node, ChangeKinds.Desired);
    }

    /// <summary>The overlay's bytes are about to be written into its base's file; from now on a restart does it again.</summary>
    /// <returns>The generation since which the changes are to be told afterwards: the base where the bucket holds that one, otherwise
    /// the one since which the base tells its own; null when that is not known.</returns>
    public long? MarkFolding(long generation)
    {
        Reached();
        var overlay = FindGeneration(generation);
        var lower = overlay?.BaseGeneration is { } id ? FindGeneration(id) : null;
        var synced = _sql.Scalar("SELECT r_generation FROM node WHERE id=$1", overlay?.Node) as long?;
        var since = synced is not null && synced == lower?.Id ? synced : lower?.Since;
        _sql.Run("UPDATE generation SET folding=1, since=$2 WHERE id=$1", generation, since);
        return since;
    }

    /// <summary>Overlay and base are one file, the base's; the overlay file goes.</summary>
    public void FinishFolding(long generation)
    {
        Reached();
        var overlay = FindGeneration(generation);
        var lower = overlay?.BaseGeneration is { } id ? FindGeneration(id) : null;
        if (overlay is null || lower is null) return;
        _sql.Run("DELETE FROM generation WHERE id=$1", lower.Id);
        _sql.Run("DELETE FROM retired WHERE generation=$1", lower.Id);
        _sql.Run(
            "UPDATE generation SET staging=$2, base=0, base_generation=NULL, base_size=$3, folding=0 WHERE id=$1",
            overlay.Id, lower.Staging, overlay.Since is null ? 0 : overlay.Since == lower.Id ? overlay.BaseSize : lower.BaseSize);
        Discard(overlay.Staging);
    }

    /// <summary>All missing ranges were copied or fetched into the staging file: it stands alone now.</summary>
    public void DetachBase(long generation)
    {
        Reached();
        var row = FindGeneration(generation);
        if (row is null) return;
        if (row.Base == BaseKind.Remote)
        {
            // A generation begun meanwhile holds a copy of this one's ranges over the same object, which this one's upload will
            // overwrite: from now on it stands on this one.
            _sql.Run(
                "UPDATE generation SET base=1, base_generation=$1, base_key=NULL, base_etag=NULL WHERE node=$2 AND id>$1 AND base=2 " +
                "AND base_key=$3 AND base_etag=$4",
                row.Id, row.Node, row.BaseKey, row.BaseETag);
        }

        // Its extent log stays and tells what changed since the content below.
        _sql.Run("UPDATE generation SET base=0, base_generation=NULL, base_key=NULL, folding=0, since=$2 WHERE id=$1", generation, row.BaseGeneration);
        if (row.BaseGeneration is { } lower) RetireGeneration(lower);
    }

    /// <summary>The content's checksum, once computed.</summary>
    public void SetCrc(long generation, ulong crc)
    {
        Reached();
        _sql.Run("UPDATE generation SET crc=$2 WHERE id=$1", generation, Rows.Crc(crc));
    }

    /// <summary>Gives back the local copy of a file that the bucket holds.</summary>
    public void EvictContent(long node)
    {
        Reached();
        var row = _sql.QuerySingle(
            $"SELECT {Rows.NodeColumns} FROM node WHERE id=$1 AND open IS NULL AND content IS NOT NULL AND content=r_generation", Rows.Node, node);
        if (row?.Content is not { } content) return;
        _sql.Run("UPDATE node SET content=NULL WHERE id=$1", node);
        RetireGeneration(content);
        Note(node, ChangeKinds.Remote);
    }

    /// <summary>The name of a staging file that is to be deleted after the next group commit.</summary>
    public void Discard(string staging)
    {
        Reached();
        _sql.Run("INSERT OR IGNORE INTO discard(staging,sequence) VALUES($1,$2)", staging, Sequence);
    }

    /// <summary>The file of a discarded name is gone.</summary>
    public void ForgetDiscard(string staging)
    {
        Reached();
        _sql.Run("DELETE FROM discard WHERE staging=$1", staging);
    }

    /// <summary>Removes a generation that no node holds, unless another generation stands on it.</summary>
    public void RetireGeneration(long id)
    {
        Reached();
        if (Convert.ToInt64(_sql.Scalar("SELECT COUNT(*) FROM generation WHERE base_generation=$1", id), null) > 0) return;
        if (Convert.ToInt64(_sql.Scalar("SELECT COUNT(*) FROM node WHERE content=$1 OR open=$1", id), null) > 0) return;
        if (Convert.ToInt64(_sql.Scalar("SELECT COUNT(*) FROM retired WHERE generation=$1", id), null) > 0) return;
        if (FindGeneration(id) is { } row) DiscardGeneration(row);
    }

    private void DiscardGeneration(Generation generation)
    {
        _sql.Run("DELETE FROM generation WHERE id=$1", generation.Id);
        _sql.Run("DELETE FROM retired WHERE generation=$1", generation.Id);
        Discard(generation.Staging);
        if (generation.BaseGeneration is { } lower) RetireGeneration(lower);
    }

    private bool IsBaseOf(long lower, long upper) => FindGeneration(upper)?.BaseGeneration == lower;

    private Generation? FindGeneration(long id) =>
        _sql.QuerySingle($"SELECT {Rows.GenerationColumns} FROM generation WHERE id=$1", Rows.Generation, id);
}
