using System.Diagnostics;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Status;

/// <summary>
/// Something that is counted from the journal's rows and holds until the next commit. Who only watches may take an older one: then counting
/// takes at most a small share of the time, however many rows there are. Thread-safe.
/// </summary>
/// <param name="journal">The journal.</param>
/// <param name="share">While it is watched, counting may take one part in so many of a processor.</param>
/// <param name="read">Counts.</param>
internal sealed class JournalValue<T>(JournalStore journal, int share, Func<T> read)
{
    private readonly Lock _lock = new();
    private (long Committed, long Durable) _at = (-1, -1);
    private long _readAt;
    private TimeSpan _cost;
    private T? _value;

    /// <summary>The value as of now, or with <paramref name="mayBeOlder"/> as of the last time that it could be afforded.</summary>
    public T Get(bool mayBeOlder)
    {
        lock (_lock)
        {
            // Read before the rows are: what is committed in between is counted again.
            var now = (journal.CommittedSequence, journal.DurableSequence);
            if (_at == now || (mayBeOlder && _value is not null && Stopwatch.GetElapsedTime(_readAt) < _cost * share)) return _value!;
            var begun = Stopwatch.GetTimestamp();
            _value = read();
            (_at, _cost, _readAt) = (now, Stopwatch.GetElapsedTime(begun), Stopwatch.GetTimestamp());
            return _value;
        }
    }
}
