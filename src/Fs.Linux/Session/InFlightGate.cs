namespace SyncAgent.Fs.Linux.Session;

/// <summary>Counts calls under way, so that closing can refuse new ones and wait for the old.</summary>
internal sealed class InFlightGate
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count = 1; // the owner's own, given up by CloseAsync
    private int _closed;

    /// <summary>Begins a call; false after closing began.</summary>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _count);
        if (Volatile.Read(ref _closed) == 0) return true;
        Leave();
        return false;
    }

    /// <summary>Ends a call.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0) _drained.TrySetResult();
    }

    /// <summary>Refuses new calls and returns when those that began have ended.</summary>
    public Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0) Leave();
        return _drained.Task;
    }
}
