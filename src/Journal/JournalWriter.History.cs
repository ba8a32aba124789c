namespace SyncAgent.Journal;

public sealed partial class JournalWriter
{
    /// <summary>Keeps what happened, in the mutation that made it so; the oldest beyond <see cref="HistoryRow.Kept"/> goes. Folders are left
    /// out: their marker objects mean nothing to people.</summary>
    public void AddHistory(HistoryRow row)
    {
        Reached();
        ArgumentNullException.ThrowIfNull(row);
        if (row.Key.EndsWith('/')) return;
        _sql.Run(
            "INSERT INTO history(drive,at,what,key,size,etag,reason) VALUES($1,$2,$3,$4,$5,$6,$7)",
            row.Drive, row.At, (int)row.What, row.Key, row.Size, row.ETag, row.Reason);
        _sql.Run("DELETE FROM history WHERE id<=last_insert_rowid()-$1", HistoryRow.Kept);
    }
}
