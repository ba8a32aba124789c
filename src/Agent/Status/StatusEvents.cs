using System.Text;
using System.Text.Json;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Status;

/// <summary>What is news between two pictures of an agent: a file that needs the user, a queue that has been worked off.</summary>
/// <param name="reader">The journal.</param>
/// <param name="time">Clock.</param>
internal sealed class StatusEvents(JournalReader reader, TimeProvider time)
{
    /// <summary>A queue is worth a word when it held so many files, or took so long.</summary>
    private const int LongQueue = 5;

    private static readonly TimeSpan LongTime = TimeSpan.FromSeconds(10);

    private HashSet<(string, FileState)>? _problems;
    private long _historyBefore;
    private long _busySince;
    private long _longest;
    private long _largest;

    /// <summary>Name of the events that are pictures.</summary>
    public const string StatusEvent = "status";

    /// <summary>A picture as an event.</summary>
    public static byte[] Status(byte[] snapshot) => Event(StatusEvent, snapshot);

    /// <summary>What is news since the last look; the first tells nothing.</summary>
    public IReadOnlyList<byte[]> Look(StatusSnapshot snapshot)
    {
        var news = new List<byte[]>();
        var problems = snapshot.Drives.SelectMany(drive => drive.Problems).DistinctBy(report => (report.Path, report.State)).ToList();
        if (_problems is not null)
        {
            foreach (var report in problems.Where(report => !_problems.Contains((report.Path, report.State))))
                news.Add(Event("problem", JsonSerializer.SerializeToUtf8Bytes(report, ControlJson.Default.FileReport)));
        }

        _problems = [.. problems.Select(report => (report.Path, report.State))];
        if (Drained(snapshot.Totals) is { } done) news.Add(Event("done", JsonSerializer.SerializeToUtf8Bytes(done, ControlJson.Default.DoneEvent)));
        return news;
    }

    private DoneEvent? Drained(TotalsStatus totals)
    {
        var waiting = totals.Queued - totals.Held + totals.Uploading;
        if (waiting > 0)
        {
            if (_longest == 0) (_busySince, _historyBefore) = (time.GetTimestamp(), reader.LastHistory());
            (_longest, _largest) = (Math.Max(_longest, waiting), Math.Max(_largest, totals.PendingBytes));
            return null;
        }

        if (_longest == 0) return null;
        var (longest, largest) = (_longest, _largest);
        (_longest, _largest) = (0, 0);
        if (totals.Held > 0) return null; // it rests, and is not done
        if (longest < LongQueue && time.GetElapsedTime(_busySince) < LongTime) return null;
        // Of very many the history does not keep all, but they were seen waiting.
        var (files, bytes) = reader.UploadsAfter(_historyBefore);
        return files == 0 ? null : new DoneEvent(Math.Max(files, longest), Math.Max(bytes, largest));
    }

    private static byte[] Event(string name, byte[] data) => [.. Encoding.ASCII.GetBytes($"event: {name}\ndata: "), .. data, .. "\n\n"u8];
}
