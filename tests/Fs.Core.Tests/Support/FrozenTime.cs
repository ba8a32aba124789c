namespace SyncAgent.Fs.Core.Tests;

/// <summary>A clock that goes on only when told; timers never fire by themselves, so nothing happens behind a test's back.</summary>
internal sealed class FrozenTime : TimeProvider
{
    private long _now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Add(ref _now, 1), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NeverTimer();

    public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);

    private sealed class NeverTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
