namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>Waiting for what another process does, with an end.</summary>
internal static class Poll
{
    /// <summary>Everything here takes seconds; on a machine that is busy with something else, more of them.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(Places.Full ? 5 : 1);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns the first value that is as wanted.</summary>
    /// <param name="read">Looks.</param>
    /// <param name="wanted">Judges.</param>
    /// <param name="what">What is waited for, for the message of the failure.</param>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> wanted, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(Interval);
        while (true)
        {
            var value = await read();
            if (wanted(value)) return value;
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited {Patience.TotalSeconds} s in vain: {what}.");
            }
        }
    }

    /// <summary>Returns when a condition holds.</summary>
    public static Task UntilAsync(Func<bool> holds, string what) => UntilAsync(() => Task.FromResult(holds()), held => held, what);
}
