using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Windows;

/// <summary>
/// The one place where a dispatcher's thread waits. Of WinFsp's calls only Read, Write and ReadDirectory can be answered later; the others
/// hold a thread, and Create and Rename all other openers too. So they wait for the network only for a listing that was never made,
/// at most for the drive's patience, and only a part of the threads at once. What they asked for goes on, so that the next attempt finds it.
/// </summary>
/// <param name="patience">How long a call waits.</param>
/// <param name="atOnce">How many wait at once; more are told at once that the store is too slow.</param>
/// <param name="time">Clock.</param>
internal sealed class BoundedWait(TimeSpan patience, int atOnce, TimeProvider time)
{
    private int _waiting;

    /// <summary>Takes the answer of a call that may need the network. Offline when it did not come in time; at once for an operation that
    /// may not wait.</summary>
    public FsResult<T> For<T>(Operation operation, ValueTask<FsResult<T>> call)
    {
        if (call.IsCompleted) return call.GetAwaiter().GetResult();
        var isFree = Interlocked.Increment(ref _waiting) <= atOnce;
        try
        {
            return Block(operation, call.AsTask(), isFree && operation.MayWait ? patience : TimeSpan.Zero);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Waits for a call that needs the local disk only.</summary>
    public static FsResult<T> ForDisk<T>(ValueTask<FsResult<T>> call) => call.IsCompleted ? call.GetAwaiter().GetResult() : End(call.AsTask());

    private FsResult<T> Block<T>(Operation operation, Task<FsResult<T>> call, TimeSpan atMost)
    {
        operation.IsSpent = true;
        if (atMost <= TimeSpan.Zero) operation.Context.Interrupt();
        using var timer = time.CreateTimer(static context => ((OpContext)context!).Interrupt(), operation.Context, Positive(atMost), Timeout.InfiniteTimeSpan);
        var result = End(call);
        return result.Error is { Kind: FsErrorKind.Interrupted } ? FsError.Offline : result;
    }

    private static TimeSpan Positive(TimeSpan atMost) => atMost > TimeSpan.Zero ? atMost : Timeout.InfiniteTimeSpan;

    private static FsResult<T> End<T>(Task<FsResult<T>> call)
    {
        ((IAsyncResult)call).AsyncWaitHandle.WaitOne();
        return call.GetAwaiter().GetResult();
    }
}
