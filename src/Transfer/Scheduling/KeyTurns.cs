namespace SyncAgent.Transfer;

/// <summary>
/// One change of a key at a time. A deletion that is still under way, or repeated after a time-out, must not meet the object that a
/// new file of the same name has just put there.
/// </summary>
internal sealed class KeyTurns
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes a key; null when somebody else is changing it. Dispose to give it back.</summary>
    public IDisposable? TryTake(string key)
    {
        lock (_lock) return _taken.Add(key) ? new Turn(this, key) : null;
    }

    private void Release(string key)
    {
        lock (_lock) _taken.Remove(key);
    }

    private sealed class Turn(KeyTurns turns, string key) : IDisposable
    {
        private KeyTurns? _turns = turns;

        public void Dispose() => Interlocked.Exchange(ref _turns, null)?.Release(key);
    }
}
