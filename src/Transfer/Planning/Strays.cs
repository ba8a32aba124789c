using System.Collections.Concurrent;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Looks after writes whose result nobody learned (a lost reply, a cancelled request, a kill) once their node wants another key or
/// is gone: an object of ours that no node knows of is doomed, so that a removed file does not come back and the name is free.
/// </summary>
internal sealed class Strays(TransferContext context)
{
    /// <summary>A request that was given up here may still be carried out there for a moment.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // When a write was first seen that nobody waits for any more.
    private readonly ConcurrentDictionary<long, long> _givenUp = new();

    /// <summary>Settles one write that nobody is at. Returns when to look again in milliseconds since 1970, or null when it is settled.</summary>
    public async Task<long?> SettleAsync(UploadRow write, CancellationToken stop)
    {
        if (context.KeyOf(write.Node) == write.Key) return null; // its own worker will see what is there
        var asked = context.Now;
        var ripe = _givenUp.GetOrAdd(write.Id, asked) + (long)Patience.TotalMilliseconds;
        var found = await context.Store.HeadAsync(write.Key, stop);
        var stray = found is not null && ObjectMetadata.IsOfNode(found, write.Node, context.MachineId) ? found : null;
        if (stray is null && asked < ripe) return ripe; // however long the answer took
        _givenUp.TryRemove(write.Id, out _);
        context.Journal.Commit(writer =>
        {
            // The node may have confirmed the object since, and be at rest in the cache, where no row here speaks for it.
            if (writer.TryEndWrite(write) && stray is not null) writer.DoomStray(context.Drive.Id, StateOf(stray), context.Now);
        });
        return null;
    }

    private static RemoteState StateOf(ObjectInfo found) => new(
        found.Key, found.ETag, found.VersionId, found.Crc64, found.Size, (found.LastModified - DateTimeOffset.UnixEpoch).Ticks * 100, null,
        RemoteStateVersions.Unknown, Proof.Listed);
}
