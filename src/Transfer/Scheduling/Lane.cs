namespace SyncAgent.Transfer;

/// <summary>A bounded number of places, and a page of candidates for them. Used by the scheduler's loop alone, but for
/// <see cref="Leave"/>.</summary>
/// <typeparam name="T">Candidate.</typeparam>
internal sealed class Lane<T>(int places, Func<int, IReadOnlyList<T>> readPage)
{
    private const int PageSize = 64;

    private readonly Queue<T> _urgent = new();
    private readonly Queue<T> _page = new();
    private int _taken;

    /// <summary>A candidate that comes before the next page.</summary>
    public void Prefer(T candidate) => _urgent.Enqueue(candidate);

    /// <summary>Starts candidates while there are places. <paramref name="start"/> says whether a candidate took one; it calls
    /// <see cref="Leave"/> when done. <paramref name="busy"/>: how many of the first candidates may be at work already.</summary>
    public void Fill(int busy, Func<T, bool> start)
    {
        var refilled = false;
        while (Volatile.Read(ref _taken) < places)
        {
            if (_urgent.Count == 0 && _page.Count == 0)
            {
                if (refilled) return;
                refilled = true;
                foreach (var candidate in readPage(PageSize + busy)) _page.Enqueue(candidate);
                if (_page.Count == 0) return;
            }

            Interlocked.Increment(ref _taken);
            if (!start(_urgent.Count > 0 ? _urgent.Dequeue() : _page.Dequeue())) Leave();
        }
    }

    public void Leave() => Interlocked.Decrement(ref _taken);
}
