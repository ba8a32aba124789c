using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Windows;

/// <summary>Calls that are answered later. The driver takes no answer any more when the drive is gone: before that, all must have ended.</summary>
internal sealed class PendingCalls
{
    private readonly Lock _lock = new();
    private readonly HashSet<OpContext> _running = [];
    private TaskCompletionSource? _drained;

    /// <summary>A call goes on behind its callback.</summary>
    public void Begin(OpContext context)
    {
        bool isClosing;
        lock (_lock)
        {
            _running.Add(context);
            isClosing = _drained is not null;
        }

        if (isClosing) context.Interrupt();
    }

    /// <summary>It has been answered.</summary>
    public void End(OpContext context)
    {
        lock (_lock)
        {
            _running.Remove(context);
            if (_running.Count == 0) _drained?.TrySetResult();
        }
    }

    /// <summary>Interrupts all; ends when they are answered.</summary>
    public Task CloseAsync()
    {
        OpContext[] running;
        Task drained;
        lock (_lock)
        {
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_running.Count == 0) _drained.TrySetResult();
            running = [.. _running];
            drained = _drained.Task;
        }

        foreach (var context in running) context.Interrupt();
        return drained;
    }
}
