using SyncAgent.Agent.Status;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Monitoring;

/// <summary>
/// How long the oldest pending change of each drive has been waiting. The journal numbers changes and does not date them: each look notes the
/// number reached by then, so that an age is exact to the time between two looks, and never reaches back before the first. Thread-safe.
/// </summary>
/// <param name="journal">The journal.</param>
/// <param name="reader">Reads it.</param>
/// <param name="time">Clock.</param>
/// <param name="share">Finding the oldest may take one part in so many of a processor, see <see cref="JournalValue{T}.Get"/>; null for all it needs.</param>
internal sealed class QueueAge(JournalStore journal, JournalReader reader, TimeProvider time, int? share)
{
    /// <summary>Looks that are remembered; when there are more, every second one is forgotten.</summary>
    internal const int MaxLooks = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, JournalValue<long?>> _oldest = [];
    private Dictionary<string, long> _seconds = [];
    private List<(long Sequence, long At)> _looks = [(journal.EnqueuedSequence, time.GetTimestamp())];

    /// <summary>How many looks are remembered.</summary>
    internal int Looks => _looks.Count;

    /// <summary>Notes how far the journal is, and how old what waits is by now.</summary>
    /// <exception cref="JournalException">The journal cannot be read.</exception>
    public void Look()
    {
        var drives = reader.Drives();
        lock (_lock)
        {
            var pending = drives.Select(drive => (drive.MountPoint, Sequence: OldestNeedsLock(drive.Id)))
                .Where(drive => drive.Sequence is not null).GroupBy(drive => drive.MountPoint, drive => drive.Sequence!.Value)
                .ToDictionary(place => place.Key, place => place.Min());

            // What everything that waits came after is of no use any more; the last look stays.
            var unused = pending.Count == 0 ? -1 : _looks.FindIndex(look => look.Sequence >= pending.Values.Min());
            _looks.RemoveRange(0, unused < 0 ? _looks.Count - 1 : unused);
            if (_looks[^1].Sequence != journal.EnqueuedSequence)
            {
                if (_looks.Count == MaxLooks) _looks = [.. _looks.Where((_, index) => index % 2 == 0)];
                _looks.Add((journal.EnqueuedSequence, time.GetTimestamp()));
            }

            _seconds = pending.ToDictionary(place => place.Key, place => SecondsNeedsLock(place.Value));
        }
    }

    /// <summary>Whole seconds at the last look; 0 when nothing waited.</summary>
    public long SecondsOf(string mountPoint)
    {
        lock (_lock) return _seconds.GetValueOrDefault(mountPoint);
    }

    private long? OldestNeedsLock(long drive)
    {
        if (!_oldest.TryGetValue(drive, out var oldest)) _oldest[drive] = oldest = new JournalValue<long?>(journal, () => reader.OldestPending(drive));
        return oldest.Get(share);
    }

    private long SecondsNeedsLock(long sequence)
    {
        var at = _looks.FindIndex(look => look.Sequence >= sequence);
        return at < 0 ? 0 : (long)time.GetElapsedTime(_looks[at].At).TotalSeconds;
    }
}
