using SyncAgent.Journal;

namespace SyncAgent.Agent.Monitoring;

/// <summary>What happened since the start, counted from the journal's history: what was added to it since the last look. The history keeps
/// 20,000 entries; who looks less often than that many come misses some. Thread-safe.</summary>
internal sealed class HistoryTotals
{
    private readonly JournalReader _reader;
    private readonly Lock _lock = new();
    private readonly Dictionary<(long Drive, HistoryKind What), long> _counts = [];
    private long _last;

    /// <summary>Begins with what happens from now on.</summary>
    public HistoryTotals(JournalReader reader)
    {
        _reader = reader;
        _last = reader.LastHistory();
    }

    /// <summary>The counts of each drive to which something happened, and of those that are to be named in any case.</summary>
    /// <param name="mounted">Ids of drives that are to be named.</param>
    /// <exception cref="JournalException">The journal cannot be read.</exception>
    public IReadOnlyList<(string Drive, HistoryKind What, long Count)> Read(IReadOnlyCollection<long> mounted)
    {
        var drives = _reader.Drives();
        lock (_lock)
        {
            foreach (var (drive, what, count, last) in _reader.HistoryCounts(_last).OrderBy(added => added.Last))
            {
                _counts[(drive, what)] = _counts.GetValueOrDefault((drive, what)) + count;
                _last = last;
            }

            // What was another bucket's drive at the same place before is the same series.
            return
            [
                .. drives.Where(drive => mounted.Contains(drive.Id) || _counts.Keys.Any(key => key.Drive == drive.Id)).GroupBy(drive => drive.MountPoint)
                    .SelectMany(place => Enum.GetValues<HistoryKind>().Select(what => (place.Key, what, place.Sum(drive => _counts.GetValueOrDefault((drive.Id, what)))))),
            ];
        }
    }
}
