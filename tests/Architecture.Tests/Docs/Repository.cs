using System.Reflection;

namespace SyncAgent.Architecture.Tests.Docs;

/// <summary>The files of the checkout, without what is built or fetched.</summary>
internal static class Repository
{
    private static readonly HashSet<string> Skipped = new(StringComparer.Ordinal) { ".git", "artifacts", "bin", "obj", "node_modules", "TestResults" };

    /// <summary>Its folder.</summary>
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>Every file and folder, relative to the checkout, joined with "/".</summary>
    public static IReadOnlyList<string> Entries { get; } = [.. Walk(Root)];

    /// <summary>What people read first, and the documentation.</summary>
    public static IReadOnlyList<string> Documents { get; } =
    [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
        .. Entries.Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && path.EndsWith(".md", StringComparison.Ordinal)),
    ];

    /// <summary>The text of a file.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (Skipped.Contains(entry.Name)) continue;
            yield return Path.GetRelativePath(Root, entry.FullName);
            if (entry is not DirectoryInfo { LinkTarget: null }) continue;
            foreach (var below in Walk(entry.FullName)) yield return below;
        }
    }
}
