using Microsoft.Extensions.Logging;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>
/// Says in the staging files of renamed files, and of those in renamed folders, what they are called now. In the background, one rename
/// after the other, from committed rows: a rename does not wait for it, and one that a kill leaves undone costs only the newer name, and
/// only if the journal is lost too. What waits is bounded by the renames that were answered, a number each.
/// </summary>
internal sealed class MovedMarks(JournalStore journal, JournalReader rows, RareWarning warning, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<long> _waiting = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>A node has another path, which is committed.</summary>
    public void Add(long node)
    {
        lock (_lock)
        {
            _waiting.Enqueue(node);
            if (_running.IsCompleted) _running = Task.Run(Run);
        }
    }

    /// <summary>Ends when all that was added by now is done.</summary>
    internal Task Done
    {
        get
        {
            lock (_lock) return _running;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Done;
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.IsCancellationRequested)
        {
            long node;
            lock (_lock)
            {
                if (!_waiting.TryDequeue(out node))
                {
                    _running = Task.CompletedTask; // under the lock: whoever adds now starts anew
                    return;
                }
            }

            try
            {
                if (rows.Node(node) is { } row) MarkBelow(row);
            }
            catch (Exception e)
            {
                logger.LogError(e, "the staging files below node {Node} cannot be marked with their new path", node);
            }
        }
    }

    private void MarkBelow(NodeRow top)
    {
        var stack = new Stack<NodeRow>([top]);
        while (stack.TryPop(out var row) && !_stop.IsCancellationRequested)
        {
            if (row.Type == NodeType.Directory)
            {
                foreach (var child in rows.Children(row.Id)) stack.Push(child);
            }
            else if (row.Type == NodeType.File && rows.Path(row.Id) is { } path)
            {
                Mark(row.Content, path);
                Mark(row.Open, path);
            }
        }
    }

    private void Mark(long? generation, string path)
    {
        if (generation is not { } id || rows.Generation(id) is not { } row) return;
        try
        {
            // What the bucket held under the former key says nothing of this one.
            journal.Files.AmendMark(row.Staging, mark => mark.Path == path ? mark : mark with { Path = path, RemoteETag = null, RemoteCrc = null, RemoteSize = 0 });
        }
        catch (IOException e)
        {
            if (warning.IsDue()) logger.LogWarning("staging file {Staging} cannot be marked: {Message}", row.Staging, e.Message);
        }
    }
}
