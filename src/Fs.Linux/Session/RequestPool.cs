namespace SyncAgent.Fs.Linux.Session;

/// <summary>
/// All requests under way. Bounded: when <c>limit</c> of them wait for the network, readers wait too (and with them
/// interrupts), so the limit is far above what programs do.
/// <para>Lock: <c>_free</c>'s monitor guards both lists; nothing is called under it but the allocation of a buffer.</para>
/// </summary>
internal sealed class RequestPool(IFuseChannel channel, int limit, int retained)
{
    private readonly Stack<FuseRequest> _free = new();
    private readonly HashSet<FuseRequest> _used = [];

    /// <summary>Takes a request object; waits while the limit is reached.</summary>
    public FuseRequest Rent()
    {
        lock (_free)
        {
            while (_used.Count >= limit) Monitor.Wait(_free);
            var request = _free.Count > 0 ? _free.Pop() : new FuseRequest(channel);
            _used.Add(request);
            return request;
        }
    }

    /// <summary>Gives one back; beyond <c>retained</c> free ones its buffer goes to the collector.</summary>
    public void Return(FuseRequest request)
    {
        lock (_free)
        {
            _used.Remove(request);
            if (_free.Count < retained) _free.Push(request);
            Monitor.Pulse(_free);
        }
    }

    /// <summary>The object that stands for a kernel request, or null.</summary>
    /// <param name="unique">The kernel's number.</param>
    /// <param name="callerThread">Id of the thread that asks.</param>
    public FuseRequest? Find(ulong unique, out uint callerThread)
    {
        foreach (var request in Snapshot())
        {
            if (request.IsFor(unique, out callerThread)) return request;
        }

        callerThread = 0;
        return null;
    }

    /// <summary>Interrupts everything under way.</summary>
    public void InterruptAll()
    {
        foreach (var request in Snapshot()) request.Interrupt();
    }

    private FuseRequest[] Snapshot()
    {
        lock (_free) return [.. _used];
    }
}
