namespace SyncAgent.Agent.Composition;

/// <summary>
/// Asks a mounted drive for its free space as any program would, through the kernel and the drive's own readers. A process that waits
/// for itself must not do so on a thread that it needs, so each question has a thread of its own, and there is one at a time: a drive
/// that is stuck costs one thread.
/// </summary>
internal sealed class MountProbe(string mountPoint)
{
    /// <summary>How long the end waits for a question that is under way; the drive is then taken away under it.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task _asking = Task.CompletedTask;
    private bool _ended;

    /// <summary>Ends when the drive has answered, also with an error; at once after <see cref="EndAsync"/>.</summary>
    public Task AnswersAsync()
    {
        lock (_lock)
        {
            if (!_ended && _asking.IsCompleted) _asking = Task.Factory.StartNew(Ask, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return _asking;
        }
    }

    /// <summary>No more questions: one would keep the drive busy while it is unmounted.</summary>
    public async Task EndAsync()
    {
        Task asking;
        lock (_lock)
        {
            _ended = true;
            asking = _asking;
        }

        await asking.WaitAsync(Farewell).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Ask()
    {
        try
        {
            _ = new DriveInfo(mountPoint).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An answer too: that of a drive which was unmounted meanwhile, or of a disk that fails.
        }
    }
}
