using Microsoft.Data.Sqlite;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalReader
{
    private const string ReceiptColumns = "drive,node,generation,key,etag,version,crc,size,proof,at,note";

    // Somebody's wish to delete a key ends what its receipts promise.
    private const string Standing =
        "id=(SELECT MAX(n.id) FROM receipt n WHERE n.drive=r.drive AND n.key=r.key) " +
        "AND NOT EXISTS(SELECT 1 FROM doomed d WHERE d.drive=r.drive AND d.key=r.key)";

    /// <summary>Receipts of a key, newest first.</summary>
    public IReadOnlyList<Receipt> Receipts(long drive, string key, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {ReceiptColumns} FROM receipt WHERE drive=$1 AND key=$2 ORDER BY id DESC LIMIT $3", ReadReceipt, drive, key, limit);
        }
    }

    /// <summary>The newest receipt of every key of a drive below a prefix that was not given up here, in the order of the keys' bytes, a page
    /// after <paramref name="after"/>.</summary>
    /// <param name="drive">Drive.</param>
    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="after">The last key of the page before, or an empty text.</param>
    /// <param name="limit">Most rows.</param>
    public IReadOnlyList<Receipt> StandingReceipts(long drive, string prefix, string after, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {ReceiptColumns} FROM receipt r WHERE drive=$1 AND key>=$2 AND key<$3 AND key>$4 AND {Standing} ORDER BY key LIMIT $5",
                ReadReceipt, drive, prefix, EndOf(prefix), after, limit);
        }
    }

    /// <summary>How many keys <see cref="StandingReceipts"/> has below a prefix, and the bytes of their objects together.</summary>
    public (long Count, long Bytes) StandingReceiptTotals(long drive, string prefix)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT COUNT(*), COALESCE(SUM(size),0) FROM receipt r WHERE drive=$1 AND key>=$2 AND key<$3 AND {Standing}",
                r => (r.GetInt64(0), r.GetInt64(1)), drive, prefix, EndOf(prefix))[0];
        }
    }

    /// <summary>What the bucket is to hold under a key, as it last confirmed; null when there is no receipt, or the key was given up here.</summary>
    public Receipt? StandingReceipt(long drive, string key)
    {
        lock (_lock) return _sql.QuerySingle($"SELECT {ReceiptColumns} FROM receipt r WHERE drive=$1 AND key=$2 AND {Standing}", ReadReceipt, drive, key);
    }

    // No key that begins with the prefix comes after it.
    private static string EndOf(string prefix) => prefix + char.ConvertFromUtf32(0x10FFFF);

    private static Receipt ReadReceipt(SqliteDataReader r) => new(
        r.GetInt64(0), r.GetInt64(1), Rows.Number(r, 2),
        new RemoteState(
            r.GetString(3), Rows.Text(r, 4), Rows.Text(r, 5), Rows.Number(r, 6) is { } crc ? unchecked((ulong)crc) : null,
            r.GetInt64(7), 0, Rows.Number(r, 2), 0, (Proof)r.GetInt32(8)),
        r.GetInt64(9))
    {
        Note = Rows.Text(r, 10),
    };
}
