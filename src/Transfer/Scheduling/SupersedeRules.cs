using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>What is known about a node whose content is being sent.</summary>
/// <param name="Node">Its row now, or null when it is gone.</param>
/// <param name="Key">The key that it wants now.</param>
/// <param name="IsBeingWritten">Whether a writer has it open.</param>
/// <param name="OldKeyIsWanted">Whether another live node wants the key that it is being sent to.</param>
internal sealed record SendingNow(NodeRow? Node, string? Key, bool IsBeingWritten, bool OldKeyIsWanted);

/// <summary>Whether a running upload is to be thrown away. Pure. Decided by generation and key, never by a clock.</summary>
internal static class SupersedeRules
{
    public static Superseded Decide(Sending sending, SendingNow now, long confirmed, TransferOptions options)
    {
        if (now.Node is not { } node || now.Key is null) return Superseded.Removed;
        if (node.IsHeld) return Superseded.Held;
        if (!sending.ToTheEnd)
        {
            if (node.Content != sending.Generation) return Superseded.Changed;
            if (node.Open is { } open && open != sending.OpenAtStart && now.IsBeingWritten) return Superseded.Changed;
        }

        if (now.Key == sending.Key) return Superseded.No;
        return confirmed < options.RestartOnRenameBelow || now.OldKeyIsWanted ? Superseded.Renamed : Superseded.No;
    }
}
