namespace SyncAgent.Journal;

public sealed partial class JournalWriter
{
    /// <summary>The attributes of a node whose own were not known, as its object's metadata says them. Does nothing when somebody has set
    /// some here meanwhile.</summary>
    public void Learn(NodeRow node)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(node);
        _sql.Run(
            "UPDATE node SET mode=$2, uid=$3, gid=$4, mtime=$5, xattrs=$6, flags=flags|$7 WHERE id=$1 AND attributes=r_attributes",
            node.Id, (long)node.Mode, (long)node.Uid, (long)node.Gid, node.ModifyTime, node.ExtendedAttributes, (long)(node.Flags & NodeRow.LearnedFlags));
    }

    /// <summary>Somebody here says whose a node is: from now on that is shown.</summary>
    public void OwnHere(long id)
    {
        Reached();
        _sql.Run("UPDATE node SET flags=flags&~$2 WHERE id=$1", id, (long)NodeFlags.StoreOwner);
    }

    /// <summary>Takes a node out of the journal that has nothing to say but what the bucket has confirmed and the cache knows too. Does
    /// nothing when it was changed since <paramref name="changed"/> or anything here still stands on it.</summary>
    public void Demote(long id, long changed)
    {
        Reached();
        _sql.Run($"DELETE FROM node AS n WHERE id=$1 AND changed=$2 AND {JournalReader.Demotable}", id, changed);
    }
}
