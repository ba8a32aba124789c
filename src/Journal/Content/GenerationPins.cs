namespace SyncAgent.Journal;

/// <summary>
/// Generations that are being sent. Folding overwrites a base's file in place, so it is refused while the base is pinned, and
/// a generation cannot be pinned while it is being folded away.
/// </summary>
public sealed class GenerationPins
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, int> _pins = [];
    private readonly HashSet<long> _folding = [];

    /// <summary>Pins a generation; null when it is being folded away. Dispose to unpin.</summary>
    public IDisposable? TryPin(long generation)
    {
        lock (_lock)
        {
            if (_folding.Contains(generation)) return null;
            _pins[generation] = _pins.GetValueOrDefault(generation) + 1;
            return new Release(() => Unpin(generation));
        }
    }

    /// <summary>Claims a base for folding; null when it is pinned. Dispose when done.</summary>
    public IDisposable? TryFold(long lower)
    {
        lock (_lock)
        {
            if (_pins.ContainsKey(lower) || !_folding.Add(lower)) return null;
            return new Release(() =>
            {
                lock (_lock) _folding.Remove(lower);
            });
        }
    }

    private void Unpin(long generation)
    {
        lock (_lock)
        {
            var left = _pins[generation] - 1;
            if (left == 0) _pins.Remove(generation);
            else _pins[generation] = left;
        }
    }

    private sealed class Release(Action action) : IDisposable
    {
        private Action? _action = action;

        public void Dispose() => Interlocked.Exchange(ref _action, null)?.Invoke();
    }
}
