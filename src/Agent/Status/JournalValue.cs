using System.Diagnostics;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Status;

/// <summary>
/// Something that is counted from the journal's rows and holds until the next commit. Who only watches may take an older one: then counting
/// takes at most a small share of the time, however many rows there are. Thread-safe.
/// </summary>
/// <param name="journal">The journal.</param>
/// <param name="read">Counts.</param>
internal sealed class JournalValue<T>(JournalStore journal, Func<T> read)
{
    /// <summary>On a machine that is busy with other things counting takes long and costs little: nobody waits longer for that.</summary>
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private (long Committed, long Durable) _at = (-1, -1);
    private long _readAt;
    private TimeSpan _cost;
    private T? _value;

    /// <summary>The value as of now, or, when counting may take only one part in <paramref name="share"/> of a processor, as of the last time
    /// that this could be afforded.</summary>
    public T Get(int? share)
    {
        lock (_lock)
        {
            // Read before the rows are: what is committed in between is counted again.
            var now = (journal.CommittedSequence, journal.DurableSequence);
            if (_at == now || (share is { } most && _value is not null && Stopwatch.GetElapsedTime(_readAt) < Shorter(_cost * most, LongestLag))) return _value!;
            var begun = Stopwatch.GetTimestamp();
            _value = read();
            (_at, _cost, _readAt) = (now, Stopwatch.GetElapsedTime(begun), Stopwatch.GetTimestamp());
            return _value;
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
