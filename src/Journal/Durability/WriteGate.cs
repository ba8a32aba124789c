namespace SyncAgent.Journal;

/// <summary>
/// Whether the drives of a state folder may be changed now. Anybody who finds that what is written here could be lost closes it for a
/// reason, and opens it when that has passed; it is open while there is no reason. Thread-safe; asking costs one read of memory.
/// </summary>
public sealed class WriteGate
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal);
    private volatile string? _first;

    /// <summary>Raised after it was closed or opened, without locks held.</summary>
    public event Action? Changed;

    /// <summary>Why nothing may be changed, in a sentence for people that says what helps; null while everything may.</summary>
    public string? Reason => _first;

    /// <summary>Whether nothing may be changed.</summary>
    public bool IsClosed => _first is not null;

    /// <summary>Closes it, or corrects the sentence of a cause that has closed it.</summary>
    /// <param name="cause">Who closes it: a name that <see cref="Open"/> is given later.</param>
    /// <param name="reason">A sentence for people.</param>
    public void Close(string cause, string reason) => Change(() => _reasons[cause] = reason);

    /// <summary>One cause has passed; none of that name is fine.</summary>
    public void Open(string cause) => Change(() => _reasons.Remove(cause));

    private void Change(Action change)
    {
        string? before, after;
        lock (_lock)
        {
            before = _first;
            change();
            after = _reasons.Count == 0 ? null : string.Join(" ", _reasons.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value));
            _first = after;
        }

        if (before != after) Changed?.Invoke();
    }
}
