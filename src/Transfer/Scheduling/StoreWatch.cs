using Microsoft.Extensions.Logging;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Decides whether the store is usable. A failed call makes it ask the store itself (a listing of one key below the drive's prefix);
/// while that fails too, the drive rests and is asked again, at most 10 seconds apart for an outage, and a minute for a refusal that lasts.
/// </summary>
/// <param name="context">The drive.</param>
/// <param name="onAnswer">Called when the store answered a probe; true when it had been offline.</param>
internal sealed class StoreWatch(TransferContext context, Action<bool> onAnswer)
{
    /// <summary>A store that has not said so much after this time does not answer.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A refusal is asked about as often as an outage for the first minutes, while somebody may be putting it right.</summary>
    private const int PromptProbes = 30;

    private readonly Lock _lock = new();

    // Not a HEAD: S3 answers that without a body, and a missing bucket then looks like a missing key, a wrong key like a denied one.
    private readonly ListRequest _probe = new(context.Drive.Prefix, MaxKeys: 1);
    private StoreHealth _health = new(true, context.Time.GetUtcNow(), null, null);
    private Task _probing = Task.CompletedTask;
    private bool _isProbing;
    private CancellationTokenSource? _wake;

    public StoreHealth Health => Volatile.Read(ref _health);

    /// <summary>Whether new work may begin. Not while a probe is under way: an outage should cost a few requests, not one for each
    /// file that waits.</summary>
    public bool MayStart
    {
        get
        {
            lock (_lock) return _health.Online && !_isProbing;
        }
    }

    /// <summary>Errors of the whole drive that only somebody with the account can put right.</summary>
    public static bool IsDriveWide(StoreErrorKind kind) => kind is StoreErrorKind.BadCredentials or StoreErrorKind.TokenExpired
        or StoreErrorKind.NoSuchBucket or StoreErrorKind.ClockSkew or StoreErrorKind.AccountDisabled;

    /// <summary>A call failed.</summary>
    public void Report(StoreException error, CancellationToken stop)
    {
        var driveWide = IsDriveWide(error.Kind);
        if (error.Kind is StoreErrorKind.QuotaExceeded) Complain(error);
        if (!driveWide && error.Kind is not (StoreErrorKind.Network or StoreErrorKind.Timeout or StoreErrorKind.Unavailable)) return;
        lock (_lock)
        {
            if (driveWide) GoOfflineNeedsLock(error);
            if (_isProbing) return;
            _isProbing = true;
            _probing = Task.Run(() => ProbeAsync(stop), CancellationToken.None);
        }
    }

    /// <summary>The store took a file's content: what it complained of is over.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref _health) is { Online: true, Kind: null }) return;
        lock (_lock)
        {
            if (_health is { Online: true, Kind: not null }) _health = new StoreHealth(true, context.Time.GetUtcNow(), null, null);
        }
    }

    /// <summary>Asks again at once.</summary>
    public void Wake()
    {
        lock (_lock) _wake?.Cancel();
    }

    /// <summary>Ends when no probe runs any more.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock) return _probing;
    }

    private async Task ProbeAsync(CancellationToken stop)
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (await AnswersAsync(stop) is not { } error) break;
                lock (_lock) GoOfflineNeedsLock(error);
                await RestAsync(IsDriveWide(error.Kind) && attempt > PromptProbes ? context.Backoff.Slow() : context.Backoff.Transient(attempt), stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }

        bool returned;
        lock (_lock)
        {
            returned = !_health.Online;
            _isProbing = false;
            if (returned) _health = new StoreHealth(true, context.Time.GetUtcNow(), null, null);
        }

        if (returned) context.Logger.LogInformation("the store of drive {Drive} answers again", context.Drive.Id);
        onAnswer(returned);
    }

    /// <summary>Null when the store answers, also when it says that this user may not list.</summary>
    private async Task<StoreException?> AnswersAsync(CancellationToken stop)
    {
        using var timer = new CancellationTokenSource(ProbeTimeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
        try
        {
            await context.Store.ListAsync(_probe, either.Token);
            return null;
        }
        catch (StoreException e)
        {
            return IsDriveWide(e.Kind) || (e.IsTransient && e.Kind is not StoreErrorKind.Throttled) ? e : null;
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return new StoreException(StoreErrorKind.Timeout, $"the store has not answered for {ProbeTimeout.TotalSeconds:0} s", e);
        }
    }

    private async Task RestAsync(TimeSpan time, CancellationToken stop)
    {
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(stop);
        lock (_lock) _wake = wake;
        try
        {
            await Task.Delay(time, context.Time, wake.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // woken: ask now
        }
        finally
        {
            lock (_lock) _wake = null;
        }
    }

    // Reads, deletions and what needs no more space go on.
    private void Complain(StoreException error)
    {
        lock (_lock)
        {
            if (!_health.Online || _health.Kind == error.Kind) return;
            context.Logger.LogWarning("the store of drive {Drive} takes no more content: {Error}", context.Drive.Id, error.Message);
            _health = new StoreHealth(true, context.Time.GetUtcNow(), error.Explain(), error.Kind);
        }
    }

    private void GoOfflineNeedsLock(StoreException error)
    {
        var since = _health.Online ? context.Time.GetUtcNow() : _health.Since;
        if (_health.Online) context.Logger.LogWarning("the store of drive {Drive} cannot be used: {Error}", context.Drive.Id, error.Message);
        _health = new StoreHealth(false, since, error.Explain(), error.Kind);
    }
}
