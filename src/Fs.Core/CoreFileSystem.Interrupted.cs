
namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    private static readonly FsError NotInterrupted = new(FsErrorKind.InvalidArgument, "it is neither interrupted nor incomplete");

    /// <summary>The user decides about a file that was open for writing when the agent died, or of which a write failed.</summary>
    /// <param name="path">Names joined with "/" from the drive's top.</param>
    /// <param name="accept">True: what is there is its content, and is sent. False: what was written since the last close is thrown away,
    /// and with it a file that was never closed.</param>
    /// <param name="cancellationToken">Ends the waiting for listings on the way.</param>
    /// <returns>NotFound where there is nothing, InvalidArgument where there is nothing to decide.</returns>
    public async Task<FsResult<Nothing>> SettleInterruptedAsync(string path, bool accept, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0) return NotInterrupted;
        var (parent, at) = (Root, Root);
        var context = new OpContext();
        await using var stop = cancellationToken.Register(context.Interrupt);
        foreach (var name in names)
        {
            parent = at;
            var found = await LookupAsync(context, parent, name);
            if (found.Error is { } missing) return missing;
            at = found.Value.Id;
        }

        lock (_tree.Lock)
        {
            if (_tree.FindNeedsLock(at) is not { OpenGeneration: not null } node || node.File is { Writers: > 0 }) return NotInterrupted;
        }

        var opened = await OpenAsync(context, at, OpenFlags.Write);
        if (opened.Error is { } error) return error;
        var handle = _handles.Find(opened.Value.Handle)!;
        if (accept) return Accept(handle);
        Discard(handle);
        return handle.Node is { Content: null, Remote: null } ? await UnlinkAsync(context, parent, names[^1]) : default(FsResult<Nothing>);
    }

    private FsResult<Nothing> Accept(FileHandle handle)
    {
        var error = handle.File.Accept() ?? Close(handle);
        _handles.Release(new HandleId(handle.Id), closedOnly: error is not null);
        return error is null ? default(Nothing) : error;
    }

    private void Discard(FileHandle handle)
    {
        handle.File.DropInterrupted();
        _handles.Release(new HandleId(handle.Id));
        Committed(_journal.EnqueuedSequence);
        lock (_tree.Lock)
        {
            var node = handle.Node;
            if (node.OpenGeneration is null && _rows.Node(node.Id) is { } row) node.Size = row.Content is null ? row.Remote?.Size ?? 0 : row.Size;
        }

        Invalidated?.Invoke(new FsInvalidation(new NodeId(handle.Node.Id), null));
    }
}
