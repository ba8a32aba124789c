namespace SyncAgent.Fs.Core;

/// <summary>How far a file is that is being sent.</summary>
/// <param name="Sent">Bytes that the store has, or that are on their way.</param>
/// <param name="Total">Bytes in all.</param>
public readonly record struct SendingProgress(long Sent, long Total)
{
    /// <summary>Whole per cent, 100 only when nothing is left.</summary>
    public long Percent => Total <= 0 || Sent >= Total ? 100 : (long)((decimal)Sent * 100 / Total);
}
