namespace SyncAgent.Journal;

public sealed partial class JournalWriter
{
    /// <summary>Holds a node back: it keeps what it has to send, and nothing of it is sent before <see cref="Release"/>.</summary>
    /// <param name="id">The node.</param>
    /// <param name="cancelled">Whether what was sent of it so far is given up.</param>
    public void Hold(long id, bool cancelled)
    {
        Reached();
        _sql.Run("UPDATE node SET flags=(flags&~$3)|$2|$4 WHERE id=$1", id, (long)NodeFlags.Held, (long)NodeFlags.Cancelled, (long)(cancelled ? NodeFlags.Cancelled : NodeFlags.None));
        Note(id, ChangeKinds.Desired | ChangeKinds.Work);
    }

    /// <summary>Lets a node that was held back go on, from <paramref name="due"/> on (milliseconds since 1970 UTC).</summary>
    public void Release(long id, long due)
    {
        Reached();
        _sql.Run("UPDATE node SET flags=flags&~$3, due=$2, attempts=0 WHERE id=$1", id, due, (long)(NodeFlags.Held | NodeFlags.Cancelled));
        Note(id, ChangeKinds.Desired | ChangeKinds.Work);
    }
}
