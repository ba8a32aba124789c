namespace SyncAgent.Torture.Workload;

/// <summary>
/// What one writer's names must hold, kept outside the drive. One call is under way at a time; when it fails (the agent died, the disk is
/// full) several outcomes are possible, and the next look at the drive decides which it was.
/// </summary>
internal sealed class Ledger(ClosedContents closed)
{
    private readonly SortedDictionary<string, Item> _items = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unfinished = new(StringComparer.Ordinal);
    private const int MostRecent = 8;
    private readonly Queue<string> _recent = new();
    private List<Change[]> _possible = [];

    /// <summary>What is certain, by path below the drive.</summary>
    public IReadOnlyDictionary<string, Item> Items => _items;

    /// <summary>Files that were being written when the agent died or the disk was full: the drive shows what there is of them, and the bucket
    /// keeps the version closed before.</summary>
    public IReadOnlyCollection<string> Unfinished => _unfinished;

    /// <summary>Whether a failed call left its names in doubt.</summary>
    public bool IsInDoubt => _possible.Count > 0;

    /// <summary>A call begins that will have one of these results, or none; whatever a close may publish is named here.</summary>
    public void Begin(params Change[][] possible)
    {
        _possible = [.. possible];
        foreach (var change in possible.SelectMany(changes => changes))
        {
            if (change.After is { } item) closed.Add(item);
        }
    }

    /// <summary>The call returned: its last named result holds.</summary>
    public void Succeed() => Settle(_possible[^1]);

    /// <summary>Finds out which result a failed call had.</summary>
    /// <param name="drive">Where it is mounted.</param>
    /// <param name="unknowable">Names that may hold anything.</param>
    /// <returns>Null, or what is wrong: the drive holds none of them.</returns>
    public string? Resolve(string drive, IReadOnlySet<string> unknowable)
    {
        if (_possible.Count == 0) return null;
        var paths = _possible.SelectMany(changes => changes).Select(change => change.Path).Distinct(StringComparer.Ordinal).ToList();
        var seen = paths.ToDictionary(path => path, path => Look(drive, path), StringComparer.Ordinal);
        if (paths.Count == 1 && seen[paths[0]].IsUnfinished)
        {
            _unfinished.Add(paths[0]);
            _possible = [];
            return null;
        }

        var candidates = Enumerable.Reverse(_possible).Append([]).ToList();
        foreach (var candidate in candidates)
        {
            if (!paths.All(path => unknowable.Contains(path) || Expect(candidate, path)?.Sum == seen[path].Item?.Sum)) continue;
            _unfinished.ExceptWith(paths);
            Settle(candidate);
            return null;
        }

        return string.Join("; ", paths.Select(path =>
            $"{path} holds {Say(seen[path].Item)}, and should hold one of {string.Join(" or ", candidates.Select(candidate => Say(Expect(candidate, path))).Distinct())}"));
    }

    /// <summary>Looks at what the last calls before a kill promised: it must be there at once, not only after the next drain.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? CheckRecent(string drive, IReadOnlySet<string> unknowable)
    {
        while (_recent.TryPeek(out var path))
        {
            if (!unknowable.Contains(path) && !_unfinished.Contains(path))
            {
                var (item, isUnfinished) = Look(drive, path);
                var expected = _items.GetValueOrDefault(path);
                if (isUnfinished) return $"{path} counts as unfinished, although it was closed as {Say(expected)}";
                if (item?.Sum != expected?.Sum) return $"{path} holds {Say(item)} after the restart, and was left as {Say(expected)}";
            }

            _recent.Dequeue();
        }

        return null;
    }

    /// <summary>A call that changes content failed because there was no space, and the agent lives: the file is kept as incomplete.</summary>
    /// <returns>False when the call was none that changes the content of one file.</returns>
    public bool Refuse(string drive)
    {
        var paths = _possible.SelectMany(changes => changes).ToList();
        if (paths.Count == 0 || paths.Any(change => change.After is { IsFolder: true } || change.Path != paths[0].Path)) return false;
        var there = Posix.IsFolder(Path.Combine(drive, paths[0].Path));
        if (there is null || (paths[^1].After is null && there != false)) return false; // never made, or removed all the same
        _unfinished.Add(paths[0].Path);
        _possible = [];
        return true;
    }

    /// <summary>A name whose content nobody can know any more is known to be gone.</summary>
    public void Forget(string path)
    {
        _items.Remove(path);
        _unfinished.Remove(path);
    }

    private static string Say(Item? item) => item?.ToString() ?? "nothing";

    private Item? Expect(Change[] changes, string path) =>
        changes.LastOrDefault(change => change.Path == path) is { } change ? change.After : _items.GetValueOrDefault(path);

    private void Settle(Change[] changes)
    {
        foreach (var (path, after) in changes)
        {
            if (after is null) _items.Remove(path);
            else _items[path] = after;
            _unfinished.Remove(path);
            _recent.Enqueue(path);
            if (_recent.Count > MostRecent) _recent.Dequeue();
        }

        _possible = [];
    }

    private static (Item? Item, bool IsUnfinished) Look(string drive, string path)
    {
        var full = Path.Combine(drive, path);
        switch (Posix.IsFolder(full))
        {
            case null: return (null, false);
            case true: return (Item.Folder, false);
        }

        var state = Posix.Attribute(full, "user.syncagent.state");
        if (state is "interrupted" or "incomplete") return (null, true);
        return (Item.File(Posix.ReadAll(full)), false);
    }
}
