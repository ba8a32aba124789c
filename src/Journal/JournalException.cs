namespace SyncAgent.Journal;

/// <summary>The journal cannot be opened or written.</summary>
public sealed class JournalException(string message, bool diskFull = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True when the state disk is full: what was asked is kept in memory and written when there is space.</summary>
    public bool DiskFull { get; } = diskFull;

    /// <summary>True when the file itself is damaged or no journal: it can only be made anew.</summary>
    public bool IsDamage { get; init; }
}
