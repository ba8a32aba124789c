using SyncAgent.Model.Tests.Operations;

namespace SyncAgent.Model.Tests.Systems;

/// <summary>A name of a tree with all that can be seen of it: bytes of a file, target of a link.</summary>
internal sealed record TreeEntry(NodeStatus Status, byte[] Content);

/// <summary>Reads whole trees through the same calls that scripts use.</summary>
internal static class TreeReader
{
    private const int Slot = int.MaxValue;

    public static SortedDictionary<string, TreeEntry> Read(ICallable system)
    {
        var tree = new SortedDictionary<string, TreeEntry>(StringComparer.Ordinal);
        Read(system, "", tree);
        return tree;
    }

    /// <summary>Null when a tree is as expected, else the first difference.</summary>
    public static string? Differs(SortedDictionary<string, TreeEntry> found, SortedDictionary<string, TreeEntry> expected)
    {
        if (!found.Keys.SequenceEqual(expected.Keys))
            return $"names [{string.Join(", ", found.Keys)}], expected [{string.Join(", ", expected.Keys)}]";
        foreach (var (path, entry) in expected)
        {
            if (!entry.Status.Allows(found[path].Status)) return $"{path}: {found[path].Status}, expected {entry.Status}";
            if (Outcome.BytesDiffer(found[path].Content, entry.Content) is { } where) return $"{path}: {where}";
        }

        return null;
    }

    private static void Read(ICallable system, string path, SortedDictionary<string, TreeEntry> tree)
    {
        foreach (var name in Ask(system, new ReadDirectory(path)).Text.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var own = path.Length == 0 ? name : $"{path}/{name}";
            var status = Ask(system, new Stat(own)).Status!;
            tree.Add(own, new TreeEntry(status, status.Kind switch
            {
                "file" => Bytes(system, own, status.Size),
                "link" => System.Text.Encoding.UTF8.GetBytes(Ask(system, new ReadLink(own)).Text),
                _ => [],
            }));
            if (status.Kind == "directory") Read(system, own, tree);
        }
    }

    private static byte[] Bytes(ICallable system, string path, long size)
    {
        Ask(system, new Open(Slot, path, OpenMode.Read, 0));
        var bytes = Ask(system, new Read(Slot, 0, (int)size + 1)).Bytes!;
        Ask(system, new Close(Slot));
        return bytes;
    }

    private static Outcome Ask(ICallable system, Call call)
    {
        var outcome = system.Answer(call);
        return outcome.Errno == 0 ? outcome : throw new MismatchException($"{call}: errno {outcome.Errno} {outcome.Text}");
    }
}

/// <summary>Something is not as it must be.</summary>
internal sealed class MismatchException(string message) : Exception(message);
