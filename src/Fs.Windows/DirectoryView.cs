using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Windows;

/// <summary>A directory's entries under the names that Windows is shown, in the order in which an enumeration returns them: ".", "..", then
/// ordinal. The driver pages by the last name that it was given.</summary>
internal sealed class DirectoryView
{
    private const string Self = ".";
    private const string Parent = "..";

    private readonly List<(string Shown, DirectoryEntry Entry)> _entries;

    /// <param name="snapshot">The directory.</param>
    /// <param name="isRoot">The root has neither "." nor "..".</param>
    public DirectoryView(DirectorySnapshot snapshot, bool isRoot)
    {
        _entries = new List<(string, DirectoryEntry)>(snapshot.Entries.Count + 2);
        if (!isRoot)
        {
            _entries.Add((Self, new DirectoryEntry(Self, snapshot.Self.Id, NodeKind.Directory)));
            _entries.Add((Parent, new DirectoryEntry(Parent, snapshot.Parent, NodeKind.Directory)));
        }

        var firsts = new Dictionary<string, string>(snapshot.Entries.Count, StringComparer.Ordinal);
        foreach (var entry in snapshot.Entries)
        {
            var key = CaseFolding.Fold(entry.Name);
            if (!firsts.TryGetValue(key, out var first) || string.CompareOrdinal(entry.Name, first) < 0) firsts[key] = entry.Name;
        }

        foreach (var entry in snapshot.Entries)
        {
            var shown = firsts[CaseFolding.Fold(entry.Name)] == entry.Name ? WindowsNames.ToWindows(entry.Name) : WindowsNames.ToMarkedWindows(entry.Name);
            if (shown.Length <= WindowsNames.MaxLength) _entries.Add((shown, entry));
        }

        _entries.Sort(static (a, b) => Compare(a.Shown, b.Shown));
    }

    /// <summary>How many.</summary>
    public int Count => _entries.Count;

    /// <summary>An entry and its shown name.</summary>
    public (string Shown, DirectoryEntry Entry) this[int index] => _entries[index];

    /// <summary>Whether an entry is the directory itself or its parent.</summary>
    public static bool IsSelfOrParent(string shown) => shown is Self or Parent;

    /// <summary>Index of the first entry after a name; also when that is gone.</summary>
    public int After(string? marker)
    {
        if (marker is null) return 0;
        var (low, high) = (0, _entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Compare(_entries[middle].Shown, marker) <= 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static int Compare(string a, string b) => Rank(a) is var rank && rank != Rank(b) ? rank - Rank(b) : string.CompareOrdinal(a, b);

    private static int Rank(string name) => name switch { Self => 0, Parent => 1, _ => 2 };
}
