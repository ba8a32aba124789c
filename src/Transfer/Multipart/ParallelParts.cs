using System.Runtime.ExceptionServices;

namespace SyncAgent.Transfer;

/// <summary>Works on numbered parts, as many at a time as the link bears now. The first error stops the others and is the one that is
/// thrown.</summary>
internal static class ParallelParts
{
    public static async Task RunAsync(
        IEnumerable<int> numbers, TransferLink link, TransferPause pause, Func<int, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task>();
        ExceptionDispatchInfo? first = null;
        try
        {
            foreach (var number in numbers)
            {
                while (running.Count >= link.Parallelism) await RemoveOneAsync(running);
                await pause.WaitAsync(stop.Token);
                if (stop.IsCancellationRequested) break;
                running.Add(Task.Run(() => WorkAsync(number), CancellationToken.None));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the first error, or the caller's cancellation, is thrown below
        }

        await Task.WhenAll(running);
        first?.Throw();
        cancellationToken.ThrowIfCancellationRequested();

        async Task WorkAsync(int number)
        {
            var succeeded = false;
            link.PartBegan();
            try
            {
                await work(number, stop.Token);
                succeeded = true;
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(e), null);
                await stop.CancelAsync();
            }
            finally
            {
                link.PartEnded(succeeded);
            }
        }
    }

    private static async Task RemoveOneAsync(List<Task> running) => running.Remove(await Task.WhenAny(running));
}
