using System.Diagnostics.CodeAnalysis;

namespace SyncAgent.Fs.Core;

/// <summary>A range of an object on its way into the cache. Guarded by the lock of its <see cref="RemoteContent"/>.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no parent; whoever cancels may come after the end.")]
internal sealed class RangeDownload(long start, long end, long ahead)
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<RangeWaiter> _waiters = [];

    /// <summary>What is before it, back to where the download began, is here.</summary>
    public long Position { get; set; } = start;

    public long End { get; } = end;

    /// <summary>Bytes taken from the budget for read-ahead: all of them, or 0 when a reader asked.</summary>
    public long Ahead { get; } = ahead;

    /// <summary>Nobody wants it any more; what still arrives does not count.</summary>
    public bool Stopped { get; private set; }

    public bool HasWaiters => _waiters.Count > 0;

    public CancellationToken Cancellation => _stop.Token;

    public bool Contains(long offset) => Position <= offset && offset < End;

    public RangeWaiter Wait(long offset)
    {
        var waiter = new RangeWaiter(this, offset);
        _waiters.Add(waiter);
        return waiter;
    }

    public void Leave(RangeWaiter waiter) => _waiters.Remove(waiter);

    /// <summary>Lets those go on whose byte is here.</summary>
    public void Advance(long position)
    {
        Position = position;
        for (var i = _waiters.Count - 1; i >= 0; i--)
        {
            if (_waiters[i].Offset >= position) continue;
            _waiters[i].Completion.TrySetResult();
            _waiters.RemoveAt(i);
        }
    }

    /// <summary>Lets all go: with the failure, or without one to look again.</summary>
    public void ReleaseWaiters(Exception? failure)
    {
        foreach (var waiter in _waiters)
        {
            if (failure is null) waiter.Completion.TrySetResult();
            else waiter.Completion.TrySetException(failure);
        }

        _waiters.Clear();
    }

    /// <summary>Throws <see cref="OperationCanceledException"/> when nobody wants it any more.</summary>
    public void ThrowIfStopped()
    {
        if (Stopped) throw new OperationCanceledException();
    }

    /// <summary>The caller cancels with <see cref="Cancel"/>, outside the lock.</summary>
    public void Stop() => Stopped = true;

    public void Cancel() => _stop.Cancel();
}

/// <summary>A reader that waits for the byte at an offset.</summary>
internal sealed record RangeWaiter(RangeDownload Download, long Offset)
{
    private long _seen = Download.Position;

    public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether a byte has come since this was last asked.</summary>
    public bool TryNoteProgress()
    {
        var before = _seen;
        _seen = Download.Position;
        return _seen > before;
    }
}
