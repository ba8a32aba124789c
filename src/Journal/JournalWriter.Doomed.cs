namespace SyncAgent.Journal;

public sealed partial class JournalWriter
{
    /// <summary>A doomed key is gone from the bucket, or is somebody else's now: nothing of ours is to be expected under it, and its receipts
    /// go too. With <paramref name="changed"/>, only when it was not doomed anew since that sequence, with another object.</summary>
    /// <returns>Whether there was such a key.</returns>
    public bool RemoveDoomed(long id, long? changed = null)
    {
        Reached();
        _sql.Run(
            "DELETE FROM receipt WHERE (drive,key) IN (SELECT drive,key FROM doomed WHERE id=$1 AND changed=COALESCE($2,changed))", id, changed);
        return EndDoomed(id, changed);
    }

    /// <summary>A key is not to be deleted after all: its object is a live node's, or was taken back. With <paramref name="changed"/>, only
    /// when it was not doomed anew since that sequence, with another object.</summary>
    public void DropDoomed(long id, long? changed = null)
    {
        Reached();
        EndDoomed(id, changed);
    }

    private bool EndDoomed(long id, long? changed)
    {
        var isGone = _sql.Run("DELETE FROM doomed WHERE id=$1 AND changed=COALESCE($2,changed)", id, changed) > 0;
        Note(0, ChangeKinds.Work | ChangeKinds.Remote);
        return isGone;
    }

    /// <summary>Tries a doomed key again later. With <paramref name="changed"/>, only when it was not doomed anew since that
    /// sequence.</summary>
    public void DeferDoomed(long id, long due, int attempts, Problem problem, string? error, long? changed = null)
    {
        Reached();
        _sql.Run(
            "UPDATE doomed SET due=$2, attempts=$3, problem=$4, error=$5 WHERE id=$1 AND changed=COALESCE($6,changed)",
            id, due, attempts, (int)problem, error, changed);
        Note(0, ChangeKinds.Remote);
    }

    /// <summary>The user was asked and wants all that is removed now to be deleted.</summary>
    public void ConfirmDoomed(long drive)
    {
        Reached();
        _sql.Run("UPDATE doomed SET confirmed=1 WHERE drive=$1 AND cause=0", drive);
        Note(0, ChangeKinds.Work | ChangeKinds.Remote);
    }

    /// <summary>The object was copied to the trash, unless the key was doomed anew since sequence <paramref name="changed"/>.</summary>
    public void SetTrashed(long id, string trashKey, long changed)
    {
        Reached();
        _sql.Run("UPDATE doomed SET trash=$2 WHERE id=$1 AND changed=$3", id, trashKey, changed);
        Note(0, ChangeKinds.Work);
    }
}
