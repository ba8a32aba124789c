namespace SyncAgent.Transfer;

/// <summary>A file being sent.</summary>
/// <param name="Node">Its node id.</param>
/// <param name="Key">The object key that it goes to.</param>
/// <param name="Generation">The generation being sent.</param>
/// <param name="Transferred">Bytes sent, those that the store already held counted in.</param>
/// <param name="Total">Bytes in all.</param>
/// <param name="Started">When this attempt began.</param>
/// <param name="ToTheEnd">True when it changed so often that this content is sent to its end although newer ones wait.</param>
public sealed record TransferProgress(
    long Node, string Key, long Generation, long Transferred, long Total, DateTimeOffset Started, bool ToTheEnd)
{
    /// <summary>How fast it moves now, bytes per second.</summary>
    public long BytesPerSecond { get; init; }
}
