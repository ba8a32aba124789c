using SyncAgent.Journal;

namespace SyncAgent.Transfer;

public sealed partial class TransferEngine
{
    /// <summary>Holds nodes back, also after a restart, until <see cref="Release"/>. What is being sent of them stops; a multipart upload stays
    /// open and goes on where it stopped.</summary>
    public void Hold(IReadOnlyList<long> nodes) => _context.Journal.Commit(writer =>
    {
        foreach (var node in nodes) writer.Hold(node, cancelled: false);
    });

    /// <summary>The same with one, and what was sent of it is given up: a multipart upload is aborted, and the file begins anew when it goes on.</summary>
    /// <param name="node">The node.</param>
    public void Cancel(long node)
    {
        var row = _context.Reader.Node(node);
        var key = row is null ? null : _context.KeyOf(node);
        _context.Journal.Commit(writer =>
        {
            writer.Hold(node, cancelled: true);
            if (key is not null) writer.AddHistory(new HistoryRow(0, _context.Drive.Id, _context.Now, HistoryKind.Cancelled, key, row!.Size, null, null));
        });
    }

    /// <summary>Lets nodes that were held back go on.</summary>
    public void Release(IReadOnlyList<long> nodes)
    {
        var now = _context.Now;
        _context.Journal.Commit(writer =>
        {
            foreach (var node in nodes) writer.Release(node, now);
        });
    }
}
