using System.Runtime.CompilerServices;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

/// <summary>
/// The verbs of a mutation, handed to it when its batch is applied. Valid only inside the callback. Split by who speaks:
/// nodes (the user's side), generations, and transfer (the bucket's side).
/// </summary>
public sealed partial class JournalWriter
{
    private readonly SqlSession _sql;
    private readonly Dictionary<long, ChangeKinds> _changes;
    private readonly HashSet<string> _reached = [];

    internal JournalWriter(SqlSession sql, Dictionary<long, ChangeKinds> changes)
    {
        _sql = sql;
        _changes = changes;
    }

    /// <summary>Sequence of the mutation being applied.</summary>
    public long Sequence { get; internal set; }

    /// <summary>Dies at the first of the verbs that the committed batch has used, if a test asks for that.</summary>
    internal void ReachCrashPoints()
    {
        foreach (var verb in _reached) CrashPoints.Reach(CrashPoints.OfMutation(verb));
    }

    // Every verb begins with this: each is a crash point of its own.
    private void Reached([CallerMemberName] string verb = "")
    {
        if (CrashPoints.IsArmed) _reached.Add(verb);
    }

    private void Note(long node, ChangeKinds kinds) => _changes[node] = _changes.GetValueOrDefault(node) | kinds;
}
