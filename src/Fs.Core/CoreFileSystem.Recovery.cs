using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <summary>Ends when the staging files of all renames until now say their new names.</summary>
    internal Task MarksMoved => _moved.Done;

    /// <summary>After an end that was not clean a file's content may have to prove itself first: waits for that. A reader must not be
    /// given bytes that never were in the file, nor a writer begin over them.</summary>
    private async Task<FsError?> ProvedAsync(OpContext context, NodeId id)
    {
        while (true)
        {
            Task? doubt;
            lock (_tree.Lock) doubt = _journal.Doubts.Of(_tree.FindNeedsLock(id)?.Content);
            if (doubt is null) return null;
            try
            {
                await doubt.WaitAsync(context.Cancellation);
            }
            catch (OperationCanceledException)
            {
                return FsError.Interrupted;
            }

            TakeOver(id.Value); // now, not when the feed's turn comes: it may have another content
        }
    }

    // A content that did not prove itself has become the interrupted one, and the one before it counts.
    private void FollowContentNeedsLock(Node node, NodeRow row)
    {
        if (node.File is not null || (node.Content == row.Content && node.OpenGeneration == row.Open)) return;
        node.Content = row.Content;
        node.OpenGeneration = row.Open;
        node.Size = _tree.SizeOf(row);
    }
}
