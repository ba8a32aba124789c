using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux;

/// <summary>Files that the kernel holds open, so that each is released exactly once even when the kernel no longer can.</summary>
internal sealed class OpenHandles
{
    private readonly Lock _lock = new();
    private HashSet<HandleId> _handles = [];

    /// <summary>A handle is about to be given to the kernel.</summary>
    public void Add(HandleId handle)
    {
        lock (_lock) _handles.Add(handle);
    }

    /// <summary>True for the first to take it back.</summary>
    public bool Remove(HandleId handle)
    {
        lock (_lock) return _handles.Remove(handle);
    }

    /// <summary>Takes back all that are left.</summary>
    public IReadOnlyCollection<HandleId> TakeAll()
    {
        lock (_lock)
        {
            var all = _handles;
            _handles = [];
            return all;
        }
    }
}
