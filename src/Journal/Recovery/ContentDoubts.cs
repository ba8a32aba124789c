using System.Collections.Concurrent;

namespace SyncAgent.Journal;

/// <summary>
/// Closed generations whose bytes have still to prove themselves after an end that was not clean: until then nobody sends them and nobody
/// opens them. Asking costs one read of memory while there are none. What is in doubt stands in the journal too, so that a second crash
/// does not make it believed. Thread-safe.
/// </summary>
public sealed class ContentDoubts
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _open = new();

    /// <summary>Generations in doubt.</summary>
    public int Count => _open.Count;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _open.IsEmpty;

    /// <summary>Ends when a generation is proved, or is not the content of its file any more; null when there is no doubt.</summary>
    public Task? Of(long? generation) => generation is { } id && !_open.IsEmpty && _open.TryGetValue(id, out var doubt) ? doubt.Task : null;

    internal IReadOnlyCollection<long> All() => [.. _open.Keys];

    internal void Add(long generation) => _open.TryAdd(generation, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    internal void Settle(long generation)
    {
        if (_open.TryRemove(generation, out var doubt)) doubt.TrySetResult();
    }
}
