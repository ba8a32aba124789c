using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>A directory's children by folded name, for systems that ignore case. Guarded by the tree's lock.</summary>
internal sealed class FoldedNames
{
    private readonly Dictionary<string, Node[]> _byFold = new(StringComparer.Ordinal);

    public FoldedNames(IEnumerable<Node> children)
    {
        foreach (var child in children) Add(child);
    }

    /// <summary>The children whose names equal a name but for case, in ordinal order.</summary>
    public ReadOnlySpan<Node> Find(string name) => _byFold.GetValueOrDefault(NameFolding.Fold(name));

    public void Add(Node child)
    {
        var fold = NameFolding.Fold(child.Name);
        _byFold[fold] = _byFold.TryGetValue(fold, out var others)
            ? [.. others.Append(child).OrderBy(node => node.Name, StringComparer.Ordinal)]
            : [child];
    }

    public void Remove(Node child)
    {
        var fold = NameFolding.Fold(child.Name);
        if (!_byFold.TryGetValue(fold, out var all)) return;
        if (all.Length > 1) _byFold[fold] = [.. all.Where(node => node != child)];
        else if (all[0] == child) _byFold.Remove(fold);
    }
}
