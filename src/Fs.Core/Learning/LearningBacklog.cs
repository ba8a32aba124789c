namespace SyncAgent.Fs.Core;

/// <summary>What is still to be learned in the background: directories, those listed last first, and of each the objects that may be
/// symbolic links before the larger ones. Bounded: of the directories listed longest ago only what somebody asks for is learned.</summary>
internal sealed class LearningBacklog(Tree tree) : IDisposable
{
    private const int MaxDirectories = 1000;

    private readonly Lock _lock = new();
    private readonly LinkedList<long> _directories = [];
    private readonly SemaphoreSlim _more = new(0, 1);
    private readonly Queue<long> _nodes = new();
    private long _from;

    public void Add(long directory)
    {
        lock (_lock)
        {
            _directories.Remove(directory);
            _directories.AddFirst(directory);
            if (_directories.Count > MaxDirectories) _directories.RemoveLast();
            if (directory == _from) _from = 0; // it has other nodes now
            if (_more.CurrentCount == 0) _more.Release();
        }
    }

    /// <summary>The next node; waits until there is one. For one caller at a time.</summary>
    public async Task<long> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long directory;
            lock (_lock) directory = _directories.First?.Value ?? 0;
            if (directory == 0)
            {
                await _more.WaitAsync(cancellationToken);
                continue;
            }

            if (directory != _from) Collect(directory);
            if (_nodes.TryDequeue(out var node)) return node;
            lock (_lock)
            {
                if (_from == directory) _directories.Remove(directory);
            }
        }
    }

    public void Dispose() => _more.Dispose();

    // A directory that is no longer in memory is not loaded for this: nobody has looked into it lately.
    private void Collect(long directory)
    {
        lock (_lock) _from = directory;
        _nodes.Clear();
        lock (tree.Lock)
        {
            if (tree.LoadedNeedsLock(new NodeId(directory)) is not { } node) return;
            if (node.IsUnlearned) _nodes.Enqueue(node.Id);
            if (node.Children is not { } children) return;
            foreach (var child in children.Values.Where(child => child.IsUnlearned).OrderBy(child => child.Size > AttributeLearner.MaxTargetBytes))
            {
                _nodes.Enqueue(child.Id);
            }
        }
    }
}
