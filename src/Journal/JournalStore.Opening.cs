using Microsoft.Data.Sqlite;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

/// <summary>Opening and closing, and what a damaged file looks like.</summary>
public sealed partial class JournalStore
{
    private const string DamageCause = "journal";
    private const int Corrupt = 11; // SQLITE_CORRUPT
    private const int NotADatabase = 26; // SQLITE_NOTADB

    /// <summary>Opens or creates the journal of a state folder, which must exist. Throws <see cref="JournalException"/> when it
    /// was written by a newer version or cannot be opened.</summary>
    public static JournalStore Open(string folder)
    {
        if ((JournalDamage.Noted(folder) ?? JournalDamage.Outside(folder)) is { } reason)
            throw new JournalException($"{reason}; start the agent (syncagent mount): it makes the journal anew from the staged files.") { IsDamage = true };
        return OpenOrCreate(folder);
    }

    /// <summary>Opens what there is, or begins a new journal although there are staged files.</summary>
    internal static JournalStore OpenOrCreate(string folder)
    {
        var sql = SqlSession.Open(Path.Combine(folder, FileName), readOnly: false);
        try
        {
            sql.Scalar("PRAGMA journal_mode=WAL");
            sql.Run("PRAGMA synchronous=NORMAL");
            sql.Run("PRAGMA wal_autocheckpoint=4000");
            Migrations.ApplyJournal(sql);
            var journal = new JournalStore(folder, sql);
            sql.Failed = journal.NoticeDamage;
            return journal;
        }
        catch (SqliteException e)
        {
            sql.Dispose();
            throw new JournalException($"journal.db in {folder} cannot be opened: {e.Message}", inner: e) { IsDamage = IsDamage(e) };
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException)
        {
            sql.Dispose();
            throw new JournalException($"journal.db in {folder} cannot be opened: its values make no sense", inner: e) { IsDamage = true };
        }
        catch (JournalException)
        {
            sql.Dispose();
            throw;
        }
    }

    /// <summary>A reader of committed rows, with a connection of its own. Disposed with the journal.</summary>
    public JournalReader OpenReader()
    {
        var reader = new JournalReader(SqlSession.Open(Path.Combine(Folder, FileName), readOnly: true, NoticeDamage));
        lock (_queueLock) _readers.Add(reader);
        return reader;
    }

    /// <summary>Bytes of <c>journal.db</c> itself.</summary>
    internal long FileBytes => new FileInfo(Path.Combine(Folder, FileName)).Length;

    /// <summary>Looks at all pages: what is wrong with them in SQLite's words, or null. Takes about a second for 400 MiB that are cached;
    /// readers and writers go on meanwhile.</summary>
    internal string? FindDamage()
    {
        try
        {
            using var sql = SqlSession.Open(Path.Combine(Folder, FileName), readOnly: true);
            var found = sql.Scalar(FileBytes <= JournalOpening.WholeCheckUpTo ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)") as string;
            return found == "ok" ? null : $"journal.db is damaged: {found}";
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            return $"journal.db is damaged: {e.Message}";
        }
    }

    /// <summary>Closes a journal that turned out to be damaged, with nothing more written to it.</summary>
    internal void Abandon()
    {
        lock (_writerLock)
        {
            foreach (var reader in _readers) reader.Dispose();
            _sql.Dispose();
        }
    }

    /// <summary>Looks at all pages of a journal that is too large for that at its opening. What is damaged is declared so; see
    /// <see cref="Damaged"/>.</summary>
    public void CheckPages()
    {
        if (FileBytes > JournalOpening.WholeCheckUpTo && FindDamage() is { } found) Declare(new JournalException(found) { IsDamage = true });
    }

    // At whatever statement it shows: nothing more is believed in this run, and the next start makes the journal anew.
    private void NoticeDamage(SqliteException e)
    {
        if (IsDamage(e)) Declare(e);
    }

    private void Declare(Exception e)
    {
        if (Interlocked.Exchange(ref _noticed, 1) != 0) return;
        JournalDamage.Note(Folder, e.Message);
        Writes.Close(DamageCause, "journal.db is damaged: stop the agent and mount again, and it is made anew from the staged files.");
        Damaged?.Invoke(e);
    }

    private static bool IsDamage(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;
}
