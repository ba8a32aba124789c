namespace SyncAgent.DevStore;

/// <summary>Lets many writers share one fsync: whoever waits while one runs is covered by the next.</summary>
/// <param name="sync">Makes everything written so far durable. Throws on failure, after which every later wait throws too.</param>
internal sealed class GroupSync(Action sync) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private long _written;
    private long _durable;
    private Exception? _broken;

    /// <summary>Notes a finished write and returns the ticket to wait with.</summary>
    public long Wrote() => Interlocked.Increment(ref _written);

    /// <summary>Returns when the write with this ticket is durable.</summary>
    /// <remarks>Takes no cancellation token on purpose: the change has happened, only its confirmation is waited for.</remarks>
    public async Task WaitAsync(long ticket)
    {
        if (Volatile.Read(ref _durable) >= ticket) return;
        await _turn.WaitAsync();
        try
        {
            // After a failed fsync the kernel may have dropped the dirty pages, so a second success would prove nothing.
            if (_broken is not null) throw new IOException("An earlier fsync failed.", _broken);
            if (_durable >= ticket) return;
            long covered = Volatile.Read(ref _written);
            sync();
            Volatile.Write(ref _durable, covered);
        }
        catch (Exception e) when (_broken is null)
        {
            _broken = e;
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
