using System.Collections.Immutable;

namespace SyncAgent.Torture.Power;

/// <summary>What a file held at one close.</summary>
/// <param name="File">Which file: its name may change, this does not.</param>
/// <param name="Hash">SHA-256.</param>
/// <param name="Size">Bytes.</param>
internal sealed record Version(int File, string Hash, long Size);

/// <summary>What stands under a name after a step.</summary>
/// <param name="File">Which file; null for a folder.</param>
/// <param name="Closed">Its content at the last close that counts, null before the first.</param>
/// <param name="IsOpen">Whether it was written since.</param>
/// <param name="Synced">Of a file that is only appended to: what was fsynced and not closed; empty otherwise.</param>
internal sealed record Entry(int? File, Version? Closed, bool IsOpen, ReadOnlyMemory<byte> Synced = default)
{
    /// <summary>A folder.</summary>
    public static Entry Folder { get; } = new(null, null, false);
}

/// <summary>One thing that was done to the drive.</summary>
/// <param name="What">For people.</param>
/// <param name="Begun">Length of the disk's log before it was asked for: an image cut earlier cannot show it.</param>
/// <param name="After">All names below the actor's folder once it is done.</param>
internal sealed record Step(string What, long Begun, ImmutableSortedDictionary<string, Entry> After);

/// <summary>
/// What one actor did in its folder, one step after the other, and which of it was acknowledged as safe. Since the drive keeps the order,
/// a power cut may leave the tree after any step from the last acknowledged to the last begun, and no other.
/// </summary>
/// <param name="Folder">Name of its folder at the top of the drive.</param>
internal sealed record History(string Folder)
{
    private readonly List<Step> _steps = [new("nothing", 0, ImmutableSortedDictionary.Create<string, Entry>(StringComparer.Ordinal))];
    private readonly List<(long Position, int Step)> _durable = [(0, 0)];
    private readonly Dictionary<string, int> _closedIn = [];

    /// <summary>All steps.</summary>
    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>The names after the last step.</summary>
    public ImmutableSortedDictionary<string, Entry> Now => _steps[^1].After;

    /// <summary>How many acknowledgements there were.</summary>
    public int Acknowledgements => _durable.Count - 1;

    /// <summary>Notes a step that is about to be made.</summary>
    public void Begin(Step step)
    {
        _steps.Add(step);
        foreach (var entry in step.After.Values)
            if (entry.Closed is { } version) _closedIn.TryAdd(version.Hash, _steps.Count - 1);
    }

    /// <summary>Notes that everything so far survives a power cut, as somebody was told when the log had this length.</summary>
    public void Acknowledge(long position) => _durable.Add((position, _steps.Count - 1));

    /// <summary>The last step that must have survived in an image cut at a length of the log.</summary>
    public int DurableAt(long position) => _durable.Last(ack => ack.Position <= position).Step;

    /// <summary>The last step that may show in an image cut before the log had a length.</summary>
    public int BegunBefore(long position) => _steps.FindLastIndex(step => step.Begun < position);

    /// <summary>The step that closed a content, or null when nobody ever did.</summary>
    public int? ClosedIn(string hash) => _closedIn.TryGetValue(hash, out var step) ? step : null;
}
