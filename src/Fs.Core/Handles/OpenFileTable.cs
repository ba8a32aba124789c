using System.Collections.Concurrent;

namespace SyncAgent.Fs.Core;

/// <summary>
/// Open handles, and through them the open files. A file is opened and closed under the tree's lock, so that a node has one
/// <see cref="OpenFile"/> at a time. Lock order: tree, then file; see <see cref="OpenFile"/>.
/// </summary>
internal sealed class OpenFileTable(Tree tree, FileServices services) : IDisposable
{
    private readonly ConcurrentDictionary<long, FileHandle> _handles = new();
    private long _last;
    private int _writers; // guarded by the tree's lock
    private TaskCompletionSource? _nobodyWrites;

    public FileHandle? Find(HandleId id) => _handles.GetValueOrDefault(id.Value);

    /// <summary>Opens a node; the caller holds the tree's lock.</summary>
    public FileHandle OpenNeedsLock(Node node, bool read, bool write)
    {
        if (node.File is null)
        {
            var file = new OpenFile(node, services);
            file.Load();
            file.PinRemote();
            node.File = file;
        }

        node.File.Handles++;
        if (write)
        {
            _writers++;
            node.File.Writers++;
            node.File.Place(services.PathOf(node));
        }

        var handle = new FileHandle(++_last, node, node.File, read, write);
        _handles[handle.Id] = handle;
        return handle;
    }

    /// <summary>The last reference to a handle is gone; the last writer's seals the file. See <see cref="OpenFile.Seal"/>.</summary>
    public void Release(HandleId id, bool closedOnly = false)
    {
        if (!_handles.TryRemove(id.Value, out var handle)) return;
        var file = handle.File;
        lock (tree.Lock)
        {
            tree.TouchNeedsLock(handle.Node);
            file.Handles--;
            if (handle.CanWrite) file.Writers--;
            if (handle.CanWrite && --_writers == 0) _nobodyWrites?.TrySetResult();
            var node = handle.Node;
            var unlinked = node.Parent is null;
            if (handle.CanWrite && file.Writers == 0 && !unlinked) file.Seal(closedOnly);
            if (file.Handles > 0) return;
            if (unlinked)
            {
                file.Discard();
                tree.ForgetNeedsLock(node);
            }

            node.File = null;
            file.Dispose();
        }
    }

    /// <summary>Ends when no handle is open for writing.</summary>
    public Task WhenNobodyWritesAsync()
    {
        lock (tree.Lock)
        {
            if (_writers == 0) return Task.CompletedTask;
            if (_nobodyWrites is null or { Task.IsCompleted: true }) _nobodyWrites = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _nobodyWrites.Task;
        }
    }

    /// <summary>The nodes that are open for writing; the caller holds the tree's lock.</summary>
    public IReadOnlyList<long> WrittenNeedsLock() =>
        [.. _handles.Values.Where(handle => handle.CanWrite).Select(handle => handle.Node.Id).Distinct().Order()];

    public void Dispose()
    {
        foreach (var handle in _handles.Values) Release(new HandleId(handle.Id), closedOnly: true);
    }
}
