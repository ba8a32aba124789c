using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace SyncAgent.Transfer;

/// <summary>Works on numbered parts several at a time. The first error stops the others and is the one that is thrown.</summary>
internal static class ParallelParts
{
    public static async Task RunAsync(
        IReadOnlyCollection<int> numbers, int atOnce, Func<int, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var left = new ConcurrentQueue<int>(numbers);
        ExceptionDispatchInfo? first = null;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(atOnce, numbers.Count)).Select(_ => Task.Run(WorkAsync, CancellationToken.None)));
        first?.Throw();
        cancellationToken.ThrowIfCancellationRequested();

        async Task WorkAsync()
        {
            try
            {
                while (!stop.IsCancellationRequested && left.TryDequeue(out var number)) await work(number, stop.Token);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(e), null);
                await stop.CancelAsync();
            }
        }
    }
}
