namespace SyncAgent.Model.Tests.Systems;

/// <summary>The clock of one life of the agent: after a kill its timers never fire again, while the time goes on for the next life.</summary>
internal sealed class BootClock(TimeProvider clock) : TimeProvider
{
    private volatile bool _isDead;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public bool IsDead => _isDead;

    public void Die() => _isDead = true;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(
        given =>
        {
            if (!_isDead) callback(given);
        },
        state, dueTime, period);
}
