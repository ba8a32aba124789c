namespace SyncAgent.Transfer;

/// <summary>Holds transfers: what is on its way arrives, nothing new begins. Thread-safe.</summary>
public sealed class TransferPause
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _resumed;

    /// <summary>Told after each change.</summary>
    public event Action? Changed;

    /// <summary>Whether it holds now.</summary>
    public bool IsPaused
    {
        get
        {
            lock (_lock) return _resumed is not null;
        }
    }

    /// <summary>Holds from now on.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            if (_resumed is not null) return;
            _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Changed?.Invoke();
    }

    /// <summary>Lets everything go on.</summary>
    public void Resume()
    {
        TaskCompletionSource? held;
        lock (_lock) (held, _resumed) = (_resumed, null);
        if (held is null) return;
        held.SetResult();
        Changed?.Invoke();
    }

    /// <summary>Ends at once, or when it does not hold any more.</summary>
    internal async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task held;
            lock (_lock)
            {
                if (_resumed is null) return;
                held = _resumed.Task;
            }

            await held.WaitAsync(cancellationToken);
        }
    }
}
