namespace SyncAgent.Journal;

/// <summary>The case folding by which systems that ignore case find a name.</summary>
public static class NameFolding
{
    /// <summary>Folds a name.</summary>
    public static string Fold(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.ToUpperInvariant();
    }
}
