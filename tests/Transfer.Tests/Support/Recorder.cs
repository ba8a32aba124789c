namespace SyncAgent.Transfer.Tests;

/// <summary>Keeps all reports of a transfer and checks the contract of <see cref="TransferEvent"/>.</summary>
internal sealed class Recorder : IProgress<TransferEvent>
{
    private readonly Lock _lock = new();
    private readonly List<TransferEvent> _events = [];
    private readonly List<(Func<IReadOnlyList<TransferEvent>, bool> Reached, TaskCompletionSource Done)> _waiters = [];

    /// <summary>Called with each report, before it is kept.</summary>
    public Action<TransferEvent>? OnReport { get; set; }

    public IReadOnlyList<TransferEvent> All
    {
        get
        {
            lock (_lock) return [.. _events];
        }
    }

    public void Report(TransferEvent value)
    {
        OnReport?.Invoke(value);
        lock (_lock)
        {
            _events.Add(value);
            foreach (var (reached, done) in _waiters)
                if (reached(_events)) done.TrySetResult();
        }
    }

    /// <summary>Returns once the reports are as wanted.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<TransferEvent>, bool> reached)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (reached(_events)) return;
            _waiters.Add((reached, done));
        }

        await done.Task.WaitAsync(UploadRig.Watchdog);
    }

    /// <summary>A transfer that succeeded, with this many bytes in its last attempt.</summary>
    public void CheckContract(long size)
    {
        var all = CheckOrder();
        Assert.Equal((TransferEventKind.Completed, size, (long?)size), (all[^1].Kind, all[^1].Transferred, all[^1].Total));
        Assert.DoesNotContain(all, e => e.Kind == TransferEventKind.Failed);
    }

    /// <summary>A transfer that failed.</summary>
    public void CheckFailed()
    {
        var all = CheckOrder();
        Assert.Equal(TransferEventKind.Failed, all[^1].Kind);
        Assert.NotNull(all[^1].Error);
        Assert.DoesNotContain(all, e => e.Kind == TransferEventKind.Completed);
    }

    private IReadOnlyList<TransferEvent> CheckOrder()
    {
        var all = All;
        Assert.Equal(TransferEventKind.Started, all[0].Kind);
        long sum = 0;
        long? total = null;
        for (var index = 0; index < all.Count; index++)
        {
            var e = all[index];
            Assert.True(index == all.Count - 1 || e.Kind is not (TransferEventKind.Completed or TransferEventKind.Failed), $"{e.Kind} is not the last event");
            Assert.Equal(e.Kind == TransferEventKind.Failed, e.Error is not null);
            if (e.Kind == TransferEventKind.Started) (sum, total) = (0, null);
            if (e.Kind == TransferEventKind.LengthKnown) total = e.Total;
            Assert.True(e.Kind == TransferEventKind.BytesTransferred ? e.Increment > 0 : e.Increment == 0, $"{e.Kind} with {e.Increment} bytes");
            sum += e.Increment;
            Assert.Equal(sum, e.Transferred);
            if (e.Total is { } known) Assert.InRange(e.Transferred, 0, known);
            if (e.Kind is not TransferEventKind.LengthKnown && total is not null) Assert.Equal(total, e.Total);
        }

        return all;
    }
}
