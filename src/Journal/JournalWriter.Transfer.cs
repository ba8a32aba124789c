using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalWriter
{
    /// <summary>
    /// The bucket confirmed an object of a node. A former key of the node is doomed; a tombstone at the new key is done with.
    /// The node stays pending: the planner derives what is left. A node removed meanwhile leaves the object doomed.
    /// </summary>
    public void ConfirmRemote(long drive, long node, RemoteState remote, Receipt? receipt, long due)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(remote);
        _sql.Run("DELETE FROM doomed WHERE drive=$1 AND key=$2", drive, remote.Key);
        if (receipt is not null) AddReceipt(receipt);
        var row = _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE id=$1", Rows.Node, node);
        ForgetOverwritten(drive, node, remote.Key);
        if (row is null)
        {
            Doom(drive, remote, due);
            return;
        }

        if (row.Remote is { ETag: not null } same && same.Generation == remote.Generation && same.Size == remote.Size)
        {
            // The same content under another key or ETag (a copy): what is being written over it finds it there.
            _sql.Run(
                "UPDATE generation SET base_key=$4, base_etag=$5 WHERE node=$1 AND base=2 AND base_key=$2 AND base_etag=$3",
                node, same.Key, same.ETag, remote.Key, remote.ETag);
        }

        if (row.Remote is { ETag: not null } former && former.Key != remote.Key) Doom(drive, former, due, DoomCause.Left);
        _sql.Run(
            "UPDATE node SET r_key=$2, r_etag=$3, r_version=$4, r_crc=$5, r_size=$6, r_time=$7, r_generation=$8, r_attributes=$9, r_proof=$10, " +
            "attempts=0, cancels=0, problem=0, error=NULL, pending=1, flags=flags&~1 WHERE id=$1",
            node, remote.Key, remote.ETag, remote.Version, Rows.Crc(remote.Crc), remote.Size, remote.Time, remote.Generation,
            remote.AttributeVersion, (int)remote.Proof);
        Note(node, ChangeKinds.Remote | ChangeKinds.Work);
        Note(0, ChangeKinds.Work);
    }

    // The object of another node that stood under this key is no more: were it still believed, that node would later find
    // "its" object changed and call it a conflict, or give up under this key what is not there any more, in place of what is.
    private void ForgetOverwritten(long drive, long node, string key)
    {
        foreach (var other in _sql.Query("SELECT id FROM node WHERE drive=$1 AND r_key=$2 AND id<>$3", r => r.GetInt64(0), drive, key, node))
        {
            ForgetRemote(other);
        }
    }

    /// <summary>The bucket no longer holds what was confirmed (deleted by someone else): it is to be sent again.</summary>
    public void ForgetRemote(long node)
    {
        Reached();
        _sql.Run(
            "UPDATE node SET r_key=NULL, r_etag=NULL, r_version=NULL, r_crc=NULL, r_size=NULL, r_time=NULL, r_generation=NULL, " +
            "r_attributes=NULL, r_proof=NULL WHERE id=$1",
            node);
        Note(node, ChangeKinds.Remote | ChangeKinds.Work);
    }

    /// <summary>The planner found nothing left to do, for the desired state as of sequence <paramref name="changed"/>.</summary>
    public void Settle(long node, long changed)
    {
        Reached();
        _sql.Run("UPDATE node SET pending=0, attempts=0, cancels=0 WHERE id=$1 AND changed=$2", node, changed);
        Note(node, ChangeKinds.Remote);
    }

    /// <summary>Tries a node again later.</summary>
    public void Defer(long node, long due, int attempts, string? error)
    {
        Reached();
        _sql.Run("UPDATE node SET due=$2, attempts=$3, error=$4 WHERE id=$1", node, due, attempts, error);
        Note(node, ChangeKinds.Remote);
    }

    /// <summary>Everything of a drive that waits because of a failure is due at once: the store is back, or the user asks.</summary>
    public void DueNow(long drive, long now)
    {
        Reached();
        _sql.Run("UPDATE node SET due=$2 WHERE drive=$1 AND pending=1 AND flags&2=0 AND attempts>0 AND due>$2", drive, now);
        _sql.Run("UPDATE doomed SET due=$2 WHERE drive=$1 AND problem=0 AND attempts>0 AND due>$2", drive, now);
        Note(0, ChangeKinds.Work);
    }

    /// <summary>Stops trying until somebody acts or the file changes. With <paramref name="changed"/>, only when the user has not changed
    /// the node since that sequence: that deserves a try of its own.</summary>
    /// <returns>Whether it is noted.</returns>
    public bool Fail(long node, Problem problem, string error, long? changed = null)
    {
        Reached();
        var isNoted = _sql.Run("UPDATE node SET pending=0, problem=$2, error=$3 WHERE id=$1 AND changed=COALESCE($4,changed)", node, (int)problem, error, changed) > 0;
        Note(node, ChangeKinds.Remote);
        return isNoted;
    }

    /// <summary>An upload was cancelled because the file changed.</summary>
    public void CountCancel(long node)
    {
        Reached();
        _sql.Run("UPDATE node SET cancels=cancels+1 WHERE id=$1", node);
    }

    /// <summary>Commits the intent to initiate a multipart upload.</summary>
    public void AddUpload(UploadRow upload)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(upload);
        _sql.Run(
            $"INSERT INTO upload({Rows.UploadColumns}) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
            upload.Id, upload.Drive, upload.Node, upload.Generation, upload.Key, upload.UploadId, upload.PartSize, upload.Size,
            (int)upload.Phase, upload.Created, RowChecksum.Of(upload));
    }

    /// <summary>Commits the intent to make an object under a key, before the request: a reply that is lost leaves no object that
    /// nobody knows of. Repeating it changes nothing.</summary>
    public void BeginWrite(UploadRow write)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(write);
        EndWrite(write.Node, write.Key);
        AddUpload(write with { Phase = UploadPhase.Writing });
    }

    /// <summary>What a write to a key did is known.</summary>
    public void EndWrite(long node, string key)
    {
        Reached();
        _sql.Run("DELETE FROM upload WHERE node=$1 AND key=$2 AND phase=5", node, key);
    }

    /// <summary>The same, for whoever asked the store meanwhile: false when the write was brought to its end or begun anew since, and
    /// what was found is its node's business.</summary>
    public bool TryEndWrite(UploadRow write)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(write);
        return _sql.Run("DELETE FROM upload WHERE id=$1 AND phase=5", write.Id) > 0;
    }

    /// <summary>An object of ours was found that a lost write left behind: unless a node knows of it, it is doomed, and whoever
    /// believed in another one under this key does so no more. Where a node still needs what it believes in, nothing is touched.</summary>
    public void DoomStray(long drive, RemoteState stray, long due)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(stray);
        var believers = _sql.Query($"SELECT {Rows.NodeColumns} FROM node WHERE drive=$1 AND r_key=$2", Rows.Node, drive, stray.Key);
        if (believers.Any(node => node.Remote!.ETag == stray.ETag || NeedsRemote(node))) return;
        foreach (var node in believers) ForgetRemote(node.Id);
        Doom(drive, stray, due, DoomCause.Left);
    }

    /// <summary>The upload id is known.</summary>
    public void ActivateUpload(UploadRow upload)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(upload);
        _sql.Run(
            "UPDATE upload SET upload_id=$2, phase=1, check_sum=$3 WHERE id=$1", upload.Id, upload.UploadId, RowChecksum.Of(upload));
    }

    /// <summary>Moves an upload on.</summary>
    public void SetUploadPhase(long upload, UploadPhase phase)
    {
        Reached();
        _sql.Run("UPDATE upload SET phase=$2 WHERE id=$1", upload, (int)phase);
        Note(0, ChangeKinds.Work);
    }

    /// <summary>The checkpoint: a part is on the store.</summary>
    public void PutPart(PartRow part)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(part);
        _sql.Run(
            $"INSERT OR REPLACE INTO part({Rows.PartColumns}) VALUES($1,$2,$3,$4,$5,$6,$7)",
            part.Upload, part.Number, part.Offset, part.Length, Rows.Crc(part.Crc), part.ETag, RowChecksum.Of(part));
    }

    /// <summary>A recorded part cannot be used.</summary>
    public void RemovePart(long upload, int number)
    {
        Reached();
        _sql.Run("DELETE FROM part WHERE upload=$1 AND number=$2", upload, number);
    }

    /// <summary>An upload is completed or aborted on the store: its checkpoint goes.</summary>
    public void RemoveUpload(long upload)
    {
        Reached();
        _sql.Run("DELETE FROM part WHERE upload=$1", upload);
        _sql.Run("DELETE FROM upload WHERE id=$1", upload);
        Note(0, ChangeKinds.Work);
    }

    private static bool NeedsRemote(NodeRow node) =>
        node.Type == NodeType.File && (node.Content is null || node.Content == node.Remote?.Generation);

    // A log that is saved every second would otherwise fill the journal with what it was.
    private void AddReceipt(Receipt receipt)
    {
        var r = receipt.Remote;
        _sql.Run(
            "INSERT INTO receipt(drive,node,generation,key,etag,version,crc,size,proof,at,note) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
            receipt.Drive, receipt.Node, receipt.Generation, r.Key, r.ETag, r.Version, Rows.Crc(r.Crc), r.Size, (int)r.Proof, receipt.At, receipt.Note);
        _sql.Run(
            "DELETE FROM receipt WHERE drive=$1 AND key=$2 AND id<=(SELECT id FROM receipt WHERE drive=$1 AND key=$2 ORDER BY id DESC LIMIT 1 OFFSET $3)",
            receipt.Drive, r.Key, Receipt.KeptPerKey);
    }
}
