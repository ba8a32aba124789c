using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SyncAgent.Store;

/// <summary>
/// Keeps temporary credentials fresh. They are fetched once for all callers, renewed behind the requests well before they end, and
/// used until they end when that fails. A store that calls them expired has them fetched at once.
/// </summary>
public sealed partial class RefreshingCredentials : ICredentialsProvider, IDisposable
{
    /// <summary>How long before their end credentials are renewed; short-lived ones at a third of their life.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(5);

    /// <summary>Credentials that seem to have ended when they arrive mean that this clock is wrong: they are used for so long.</summary>
    private static readonly TimeSpan LeastLife = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(1);

    private readonly ICredentialsSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _end = new();

    // Guards everything below; never held across a wait.
    private readonly Lock _lock = new();
    private StoreCredentials? _current;
    private StoreCredentials? _refused;
    private DateTimeOffset _renewAt;
    private DateTimeOffset _validUntil;
    private Task<Renewal>? _renewal;
    private StoreException? _failure;
    private TimeSpan _backOff;
    private DateTimeOffset _notBefore;

    /// <summary>Fetches nothing yet.</summary>
    /// <param name="source">Asked for credentials, one call at a time.</param>
    /// <param name="time">Clock of the expiry and of the back-off.</param>
    /// <param name="logger">Told when a renewal fails while the old credentials still hold, or null.</param>
    public RefreshingCredentials(ICredentialsSource source, TimeProvider time, ILogger<RefreshingCredentials>? logger = null)
    {
        _source = source;
        _time = time;
        _logger = logger ?? NullLogger<RefreshingCredentials>.Instance;
    }

    /// <summary>The renewal that is under way, or one that is over.</summary>
    internal Task Renewing
    {
        get
        {
            lock (_lock) return _renewal ?? Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoreCredentials> GetAsync(CancellationToken cancellationToken)
    {
        Task<Renewal> renewal;
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var mayTry = now >= _notBefore;
            if (_current is not null && _current != _refused && now < _validUntil)
            {
                if (now >= _renewAt && mayTry) Renew();
                return _current;
            }

            if (_renewal is null && !mayTry && _failure is not null) throw Again(_failure);
            renewal = Renew();
        }

        var outcome = await renewal.WaitAsync(cancellationToken);
        return outcome.Credentials ?? throw Again(outcome.Failure!);
    }

    /// <inheritdoc/>
    public ValueTask<StoreCredentials> RenewAsync(StoreCredentials refused, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // Others may have been refused with the same credentials and have had them renewed. A source that has just given the
            // refused ones again has no others; it is asked again after a while.
            if (refused == _current && (_time.GetUtcNow() >= _notBefore || _failure is not null)) _refused = refused;
        }

        return GetAsync(cancellationToken);
    }

    /// <summary>Ends a renewal that is under way.</summary>
    public void Dispose() => _end.Cancel();

    private Task<Renewal> Renew() => _renewal ??= Task.Run(RenewNowAsync);

    private async Task<Renewal> RenewNowAsync()
    {
        try
        {
            var fresh = await _source.FetchAsync(_end.Token);
            lock (_lock) return Take(fresh);
        }
        catch (OperationCanceledException e) when (_end.IsCancellationRequested)
        {
            return new Renewal(null, new StoreException(StoreErrorKind.Unavailable, "The credentials are not renewed any more: the drive is closing.", e));
        }
        catch (Exception e)
        {
            var failure = e as StoreException
                ?? new StoreException(StoreErrorKind.BadCredentials, $"The credentials could not be fetched: {e.GetType().Name}.", e);
            lock (_lock) Fail(failure);
            LogFailed(_logger, failure.Message);
            return new Renewal(null, failure);
        }
    }

    private Renewal Take(TimedCredentials fresh)
    {
        var now = _time.GetUtcNow();
        var same = fresh.Credentials == _refused;
        _current = fresh.Credentials;
        _refused = null;
        _failure = null;
        _renewal = null;
        _validUntil = fresh.Expires is not { } end ? DateTimeOffset.MaxValue : end < now + LeastLife ? now + LeastLife : end;
        var ahead = TimeSpan.FromTicks(Math.Min(RenewBefore.Ticks, (_validUntil - now).Ticks / 3));
        _renewAt = fresh.Expires is null ? DateTimeOffset.MaxValue : _validUntil - ahead;
        if (same) Delay(now);
        else (_backOff, _notBefore) = (TimeSpan.Zero, default);
        return new Renewal(fresh.Credentials, null);
    }

    private void Fail(StoreException failure)
    {
        _failure = failure;
        _renewal = null;
        Delay(_time.GetUtcNow());
    }

    private void Delay(DateTimeOffset now)
    {
        _backOff = TimeSpan.FromTicks(Math.Clamp(_backOff.Ticks * 2, FirstBackOff.Ticks, LongestBackOff.Ticks));
        _notBefore = now + _backOff;
    }

    // One exception object thrown on many threads would have its trace overwritten.
    private static StoreException Again(StoreException failure) => new(failure.Kind, failure.Message, failure)
    {
        HttpStatus = failure.HttpStatus,
        Code = failure.Code,
        RequestId = failure.RequestId,
    };

    private sealed record Renewal(StoreCredentials? Credentials, StoreException? Failure);
}
