using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>Several verbs that must be committed together, as one mutation: a rename is never half of itself after a kill.</summary>
internal sealed class Mutations
{
    private readonly List<Action<JournalWriter>> _verbs = [];
    private readonly List<Node> _pending = [];
    private readonly List<Node> _taken = [];

    public void Add(Action<JournalWriter> verb) => _verbs.Add(verb);

    /// <summary>Adds a verb that leaves a node to be settled by the transfer layer.</summary>
    public void Add(Node pending, Action<JournalWriter> verb)
    {
        _verbs.Add(verb);
        _pending.Add(pending);
    }

    /// <summary>Nodes that a verb added before leaves to be settled by the transfer layer.</summary>
    public void Follow(IEnumerable<Node> pending) => _pending.AddRange(pending);

    /// <summary>Names of this directory leave the listing cache with this mutation.</summary>
    public void Take(Node directory) => _taken.Add(directory);

    public long Enqueue(JournalStore journal)
    {
        var sequence = journal.Enqueue(writer =>
        {
            foreach (var verb in _verbs) verb(writer);
        });
        foreach (var node in _pending) node.MarkPending(sequence);
        foreach (var directory in _taken) directory.TakenSequence = sequence;
        return sequence;
    }
}
