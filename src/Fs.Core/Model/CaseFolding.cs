using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>The case folding by which <see cref="IFileSystem.LookupFoldedAsync"/> finds names, for adapters that sort whole directories by it.</summary>
public static class CaseFolding
{
    /// <summary>Folds a name: equal for names that differ by case only.</summary>
    public static string Fold(string name) => NameFolding.Fold(name);
}
