using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalWriter
{
    /// <summary>Adds a drive and its root directory.</summary>
    public void AddDrive(DriveRow drive, NodeRow root)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(drive);
        _sql.Run(
            "INSERT INTO drive(id,root,store,endpoint,region,bucket,prefix,mount_point) VALUES($1,$2,$3,$4,$5,$6,$7,$8)",
            drive.Id, drive.Root, drive.Store, drive.Endpoint, drive.Region, drive.Bucket, drive.Prefix, drive.MountPoint);
        PutNode(root);
    }

    /// <summary>Notes where and through which endpoint a drive is mounted now.</summary>
    public void MoveDrive(DriveRow drive)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(drive);
        _sql.Run(
            "UPDATE drive SET endpoint=$2, region=$3, mount_point=$4 WHERE id=$1", drive.Id, drive.Endpoint, drive.Region, drive.MountPoint);
    }

    /// <summary>Pins a path of a drive: names joined with "/", empty for its top.</summary>
    public void Pin(long drive, string path)
    {
        Reached();
        _sql.Run("INSERT OR IGNORE INTO pin(drive,path) VALUES($1,$2)", drive, path);
    }

    /// <summary>Unpins a path.</summary>
    public void Unpin(long drive, string path)
    {
        Reached();
        _sql.Run("DELETE FROM pin WHERE drive=$1 AND path=$2", drive, path);
    }

    /// <summary>What was renamed stays pinned; a pin of what it replaced goes.</summary>
    public void MovePins(long drive, string from, string to)
    {
        Reached();
        _sql.Run(
        "UPDATE OR REPLACE pin SET path=$3 || substr(path,length($2)+1) WHERE drive=$1 AND (path=$2 OR substr(path,1,length($2)+1)=$2 || '/')",
        drive, from, to);
    }

    /// <summary>Inserts a node: a new one, or one that so far stood only in the listing cache. <see cref="NodeRow.Changed"/> is
    /// set to this mutation's sequence.</summary>
    public void PutNode(NodeRow node)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(node);
        _sql.Run(Rows.InsertNode, Rows.NodeValues(node, Sequence));
        Note(node.Id, ChangeKinds.Desired);
    }

    /// <summary>Removes a node's row. What the bucket holds of it is doomed; its generations are discarded, unless open handles
    /// still use the one at <paramref name="keepOpen"/>.</summary>
    public void RemoveNode(long id, long? keepOpen, long due)
    {
        Reached();
        var node = _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE id=$1", Rows.Node, id);
        if (node is null) return;
        if (node.Remote is { ETag: not null } remote) Doom(node.Drive, remote, due);
        _sql.Run("DELETE FROM node WHERE id=$1", id);
        foreach (var generation in _sql.Query(
            $"SELECT {Rows.GenerationColumns} FROM generation WHERE node=$1 ORDER BY id DESC", Rows.Generation, id))
        {
            if (keepOpen is { } kept && (generation.Id == kept || IsBaseOf(generation.Id, kept))) continue;
            DiscardGeneration(generation);
        }

        Note(id, ChangeKinds.Desired | ChangeKinds.Work);
    }

    /// <summary>Takes a node out of the journal because the bucket has all there is to know about it: its local copy is discarded, nothing
    /// is doomed. Does nothing when something of the node is pending or open.</summary>
    public void ReleaseNode(long id)
    {
        Reached();
        var node = _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE id=$1 AND pending=0 AND open IS NULL AND problem=0 " +
            "AND NOT EXISTS(SELECT 1 FROM node c WHERE c.parent=$1)", Rows.Node, id);
        if (node is null || (node.Content is not null && node.Content != node.Remote?.Generation)) return;
        _sql.Run("DELETE FROM node WHERE id=$1", id);
        if (node.Content is { } content) RetireGeneration(content);
    }

    /// <summary>Renames or moves a node. Below a directory the keys change with it: see <see cref="MarkConfirmedBelow"/>.</summary>
    public void MoveNode(long id, long parent, string name, long changeTime, long due)
    {
        Reached();
        _sql.Run(
            "UPDATE node SET parent=$2, name=$3, fold=$4, ctime=$5, changed=$6, pending=(flags&1)=0, due=MAX(due,$7), problem=0, error=NULL, attempts=0 WHERE id=$1",
            id, parent, name, NameFolding.Fold(name), changeTime, Sequence, due);
        Note(id, ChangeKinds.Desired);
    }

    /// <summary>Gives a node a name that no other can have, the first step of an exchange.</summary>
    public void UnnameNode(long id)
    {
        Reached();
        _sql.Run("UPDATE node SET name=char(0) || $1 WHERE id=$1", id);
    }

    /// <summary>Says whether a node is left out of the bucket by the user's rule; one that is, is never pending. Does nothing to a node
    /// of which the bucket holds something.</summary>
    public void SetIgnored(long id, bool ignored, long due)
    {
        Reached();
        _sql.Run(
            ignored
                ? "UPDATE node SET flags=flags|1, pending=0, changed=$2, due=$3, problem=0, error=NULL WHERE id=$1 AND r_key IS NULL"
                : "UPDATE node SET flags=flags&~1, pending=1, changed=$2, due=$3 WHERE id=$1",
            id, Sequence, due);
        Note(id, ChangeKinds.Desired | ChangeKinds.Work);
    }

    /// <summary>Sets a node's attributes; <paramref name="publish"/> when the bucket must learn them.</summary>
    public void SetAttributes(
        long id, uint mode, uint uid, uint gid, long accessTime, long modifyTime, long changeTime, bool publish, long due)
    {
        Reached();
        _sql.Run(
            "UPDATE node SET mode=$2, uid=$3, gid=$4, atime=$5, mtime=$6, ctime=$7 WHERE id=$1",
            id, (long)mode, (long)uid, (long)gid, accessTime, modifyTime, changeTime);
        if (!publish) return;
        _sql.Run("UPDATE node SET attributes=attributes+1, changed=$2, pending=(flags&1)=0, due=MAX(due,$3) WHERE id=$1", id, Sequence, due);
        Note(id, ChangeKinds.Desired);
    }

    /// <summary>Sets a node's extended attributes, in the form in which its object's metadata carries them; null for none.</summary>
    public void SetExtendedAttributes(long id, string? encoded, long changeTime, long due)
    {
        Reached();
        _sql.Run(
            "UPDATE node SET xattrs=$2, ctime=$3, attributes=attributes+1, changed=$4, pending=(flags&1)=0, due=MAX(due,$5) WHERE id=$1",
            id, encoded, changeTime, Sequence, due);
        Note(id, ChangeKinds.Desired);
    }

    /// <summary>A directory's entries changed: its times follow, and the bucket is not told for that alone.</summary>
    public void TouchDirectory(long id, long time)
    {
        Reached();
        _sql.Run("UPDATE node SET mtime=$2, ctime=$2 WHERE id=$1", id, time);
    }

    /// <summary>A directory has another name: all below it whose object is confirmed now stands under a former key. Told by the rows, since
    /// a confirmation may have been committed that the file system has not heard of yet.</summary>
    public void MarkConfirmedBelow(long directory, long due)
    {
        Reached();
        var marked = _sql.Query(
            "WITH RECURSIVE below(id) AS (SELECT id FROM node WHERE parent=$1 UNION ALL SELECT n.id FROM node n JOIN below b ON n.parent=b.id) " +
            "UPDATE node SET changed=$2, pending=(flags&1)=0, due=MAX(due,$3) WHERE r_key IS NOT NULL AND id IN (SELECT id FROM below) RETURNING id",
            r => r.GetInt64(0), directory, Sequence, due);
        foreach (var id in marked) Note(id, ChangeKinds.Desired);
    }

    /// <summary>A directory that existed only as a prefix needs its marker object now, since its last key may go. That it was seen in the
    /// bucket stays known: it is not one that was made here.</summary>
    public void RequireMarker(long id, long due)
    {
        Reached();
        _sql.Run("UPDATE node SET r_attributes=-1, changed=$2, pending=1, due=MAX(due,$3) WHERE id=$1 AND r_key IS NOT NULL AND r_etag IS NULL", id, Sequence, due);
        Note(id, ChangeKinds.Desired);
    }

    /// <summary>Gives a failed or conflicting node another chance.</summary>
    public void Retry(long id, long due)
    {
        Reached();
        _sql.Run("UPDATE node SET problem=0, error=NULL, attempts=0, pending=(flags&1)=0, due=$2 WHERE id=$1", id, due);
        Note(id, ChangeKinds.Desired | ChangeKinds.Work);
    }

    /// <summary>What the bucket holds under a key is no longer wanted: deletes it after <paramref name="due"/>, if it is unchanged then.</summary>
    public void Doom(long drive, RemoteState remote, long due, DoomCause cause = DoomCause.Removed)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(remote);
        _sql.Run(
            "INSERT INTO doomed(drive,key,r_etag,r_version,r_crc,r_size,r_time,changed,due,since,cause) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$9,$10) " +
            "ON CONFLICT(drive,key) DO UPDATE SET r_etag=excluded.r_etag, r_version=excluded.r_version, r_crc=excluded.r_crc, " +
            "r_size=excluded.r_size, r_time=excluded.r_time, changed=excluded.changed, due=excluded.due, since=excluded.since, " +
            "cause=excluded.cause, attempts=0, problem=0, error=NULL, confirmed=0, trash=NULL",
            drive, remote.Key, remote.ETag, remote.Version, Rows.Crc(remote.Crc), remote.Size, remote.Time, Sequence, due, (int)cause);
        Note(0, ChangeKinds.Work);
    }
}
