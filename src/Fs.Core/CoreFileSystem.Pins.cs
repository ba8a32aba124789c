using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <summary>Keeps a file, or a folder with all that is and comes below it, on the local disk: readable while the store is away.</summary>
    /// <param name="path">Names joined with "/" from the drive's top; empty for all of the drive.</param>
    /// <param name="cancellationToken">Ends the waiting for listings on the way.</param>
    /// <returns>NotFound where there is nothing. Fetching goes on in the background; <see cref="ReadPins"/> tells.</returns>
    public async Task<FsResult<Nothing>> PinAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        path = path.Trim('/');
        var at = Root;
        var context = new OpContext();
        await using var stop = cancellationToken.Register(context.Interrupt);
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var found = await LookupAsync(context, at, name);
            if (found.Error is { } error) return error;
            at = found.Value.Id;
        }

        return ChangePins(writer => writer.Pin(_drive.Id, path));
    }

    /// <summary>Lets a pinned path be given back like any other. NotFound where it is not pinned itself.</summary>
    public FsResult<Nothing> Unpin(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        path = path.Trim('/');
        return _pins.Pins.Paths.Contains(path) ? ChangePins(writer => writer.Unpin(_drive.Id, path)) : FsError.NotFound;
    }

    /// <summary>What is pinned and how far it is.</summary>
    public IReadOnlyList<PinReport> ReadPins() => _pins.Read();

    private FsResult<Nothing> ChangePins(Action<JournalWriter> change)
    {
        if (Committed(_journal.Enqueue(change)) is { } failed) return failed;
        ReloadPins();
        return default(Nothing);
    }

    private void ReloadPins() => _pins.Change(new PinSet(_rows.Pins(_drive.Id)));

    /// <summary>A pin goes with what it names, in the same step.</summary>
    private void MovePinsNeedsLock(Node node, Node directory, string newName, bool exchange, Mutations mutations)
    {
        if (_pins.Pins.Paths.Count == 0) return;
        var above = NamesOf(directory);
        var (from, to) = (NamesOf(node), above.Length == 0 ? newName : $"{above}/{newName}");
        if (exchange)
        {
            const string Aside = "\0"; // no name
            mutations.Add(writer => writer.MovePins(_drive.Id, to, Aside));
            mutations.Add(writer => writer.MovePins(_drive.Id, from, to));
            mutations.Add(writer => writer.MovePins(_drive.Id, Aside, from));
        }
        else
        {
            mutations.Add(writer => writer.MovePins(_drive.Id, from, to));
        }
    }

    private bool IsPinnedNeedsLock(long id) =>
        _pins.Pins.Paths.Count > 0 && _tree.FindNeedsLock(new NodeId(id)) is { } node && _pins.Pins.Covers(NamesOf(node));

    /// <summary>Names joined with "/" from the drive's top.</summary>
    private static string NamesOf(Node node)
    {
        var names = new Stack<string>();
        for (var at = node; at.Parent is { } parent; at = parent) names.Push(at.Name);
        return string.Join('/', names);
    }
}
