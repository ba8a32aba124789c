namespace SyncAgent.Store;

/// <summary>How often and how soon to repeat a call that failed for a passing reason.</summary>
public sealed record RetryOptions
{
    /// <summary>Tries in all, 1 to 100; 1 repeats nothing.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Typical wait before the first repeat; doubles each time, with jitter. Above 0, at most <see cref="MaxDelay"/>.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait that is chosen here, at most a day.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait that is granted when the store itself asks for one (<see cref="StoreException.RetryAfter"/>).</summary>
    public TimeSpan MaxRequestedDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Every mistake in these options, one sentence each.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (Attempts is < 1 or > 100) errors.Add($"Attempts {Attempts}: expected 1 to 100.");
        if (MaxDelay <= TimeSpan.Zero || MaxDelay > TimeSpan.FromDays(1)) errors.Add($"MaxDelay {MaxDelay}: expected above 0, at most a day.");
        if (BaseDelay <= TimeSpan.Zero || BaseDelay > MaxDelay) errors.Add($"BaseDelay {BaseDelay}: expected above 0, at most MaxDelay.");
        if (MaxRequestedDelay < TimeSpan.Zero || MaxRequestedDelay > TimeSpan.FromDays(1))
            errors.Add($"MaxRequestedDelay {MaxRequestedDelay}: expected 0 to a day.");
        return errors;
    }
}
