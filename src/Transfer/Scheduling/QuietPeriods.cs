using System.Collections.Concurrent;
using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>
/// Lets files rest that change while they are sent: a little longer each time, until one closed content is sent to its end.
/// Kept in memory: after a restart nobody writes, and everything may go at once.
/// </summary>
internal sealed class QuietPeriods(TransferContext context, Func<long, bool> isBeingWritten)
{
    private readonly ConcurrentDictionary<long, Rest> _rests = new();

    /// <summary>Whether a node's content is sent although it is being changed.</summary>
    public bool IsToTheEnd(NodeRow node) => node.Cancels >= context.Options.MaxCancels;

    /// <summary>How long a generation has still to wait, or null when it may go. One that is closed while a newer one is being
    /// written waits once, then goes anyway.</summary>
    public TimeSpan? WaitBefore(NodeRow node, long generation)
    {
        var now = context.Now;
        if (IsToTheEnd(node)) return null;
        _rests.TryGetValue(node.Id, out var rest);
        if (rest is null || (rest.Generation != generation && rest.Generation is not null))
        {
            if (node.Open is null || !isBeingWritten(node.Id)) return null;
            rest = new Rest(generation, now + (long)context.Backoff.Quiet(node.Cancels + 1).TotalMilliseconds);
            _rests[node.Id] = rest;
        }

        return rest.Until > now ? TimeSpan.FromMilliseconds(rest.Until - now) : null;
    }

    /// <summary>An upload was cancelled. Returns how long the node is to rest.</summary>
    public TimeSpan Cancelled(NodeRow node)
    {
        var rest = context.Backoff.Quiet(node.Cancels + 1);
        if (node.Cancels + 1 >= context.Options.MaxCancels) rest = TimeSpan.Zero;
        _rests[node.Id] = new Rest(null, context.Now + (long)rest.TotalMilliseconds);
        return rest;
    }

    /// <summary>The node is at rest or gone.</summary>
    public void Forget(long node) => _rests.TryRemove(node, out _);

    /// <param name="Generation">The generation that waits, or null for whichever is closed next.</param>
    /// <param name="Until">Milliseconds since 1970 UTC.</param>
    private sealed record Rest(long? Generation, long Until);
}
