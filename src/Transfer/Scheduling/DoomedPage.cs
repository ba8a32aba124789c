using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>A page of doomed keys being worked on: their turns, and what is known of each. What becomes of all of them is committed
/// at once. Not thread-safe.</summary>
internal sealed class DoomedPage(TransferContext context) : IDisposable
{
    private readonly List<IDisposable> _turns = [];
    private readonly List<Action<JournalWriter>> _outcomes = [];
    private readonly Dictionary<long, (DoomedKey Key, bool IsToGo)> _open = [];

    /// <summary>Those of which it is not known yet what becomes of them.</summary>
    public IReadOnlyList<DoomedKey> Open => [.. _open.Values.Select(item => item.Key)];

    /// <summary>Adds a key to be looked at.</summary>
    /// <param name="doomed">The key.</param>
    /// <param name="isToGo">Whether it is to be deleted; false when something else will take its place.</param>
    public void Add(DoomedKey doomed, bool isToGo) => _open.Add(doomed.Id, (doomed, isToGo));

    /// <summary>Whether an open key is to be deleted.</summary>
    public bool IsToGo(DoomedKey doomed) => _open[doomed.Id].IsToGo;

    /// <summary>Takes the key's turn; false when somebody else is changing it.</summary>
    public bool TryTake(DoomedKey doomed)
    {
        if (context.Keys.TryTake(doomed.Key) is not { } turn) return false;
        _turns.Add(turn);
        return true;
    }

    /// <summary>Its object is wanted again.</summary>
    public void Drop(DoomedKey doomed) => End(doomed, writer => writer.DropDoomed(doomed.Id, doomed.Changed));

    /// <summary>Nothing of it is left to delete.</summary>
    public void Remove(DoomedKey doomed) => End(doomed, writer => writer.RemoveDoomed(doomed.Id, doomed.Changed));

    /// <summary>Its object was deleted.</summary>
    public void Delete(DoomedKey doomed)
    {
        var history = HistoryOf(doomed, HistoryKind.Deleted, null);
        End(doomed, writer =>
        {
            // What another name has taken over was told when it arrived there.
            if (writer.RemoveDoomed(doomed.Id, doomed.Changed) && doomed.Cause == DoomCause.Removed) writer.AddHistory(history);
        });
    }

    /// <summary>The object is in the trash now; what becomes of the key is still open.</summary>
    public void SetTrashed(DoomedKey doomed, string trashKey) => _outcomes.Add(writer => writer.SetTrashed(doomed.Id, trashKey, doomed.Changed));

    /// <summary>It is tried again later.</summary>
    public void Defer(DoomedKey doomed, TimeSpan wait, int attempts, string? error)
    {
        var due = context.Now + Math.Max(1, (long)wait.TotalMilliseconds);
        End(doomed, writer => writer.DeferDoomed(doomed.Id, due, attempts, Problem.None, error, doomed.Changed));
    }

    /// <summary>Somebody must help.</summary>
    public void Fail(DoomedKey doomed, string error)
    {
        var history = HistoryOf(doomed, HistoryKind.Failed, "It was not deleted: " + error);
        End(doomed, writer =>
        {
            writer.DeferDoomed(doomed.Id, doomed.Due, doomed.Attempts + 1, Problem.Failed, error, doomed.Changed);
            writer.AddHistory(history);
        });
    }

    /// <summary>What a failed request means for a key.</summary>
    public void Fail(DoomedKey doomed, StoreException error)
    {
        var (says, attempts) = (error.Explain(), doomed.Attempts + 1);
        if (StoreErrors.IsForTheAccount(error.Kind)) Defer(doomed, context.Backoff.Slow(), attempts, says);
        else if (error.IsTransient) Defer(doomed, context.Backoff.Transient(attempts, error.RetryAfter), attempts, says);
        else Fail(doomed, says);
    }

    /// <summary>Commits all outcomes, then gives the turns back: whoever has one next finds in the journal what happened.</summary>
    public void Commit()
    {
        if (_outcomes.Count == 0) return;
        Action<JournalWriter>[] outcomes = [.. _outcomes];
        _outcomes.Clear();
        context.Journal.Commit(writer =>
        {
            foreach (var outcome in outcomes) outcome(writer);
        });
    }

    private HistoryRow HistoryOf(DoomedKey doomed, HistoryKind what, string? reason) =>
        new(0, context.Drive.Id, context.Now, what, doomed.Key, doomed.Remote.Size, doomed.Remote.ETag, reason);

    private void End(DoomedKey doomed, Action<JournalWriter> outcome)
    {
        _open.Remove(doomed.Id);
        _outcomes.Add(outcome);
    }

    public void Dispose()
    {
        foreach (var turn in _turns) turn.Dispose();
    }
}
