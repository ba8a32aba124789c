using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>What stands in the bucket under keys that were given up or renamed away here, and is not to come back.</summary>
internal sealed class GivenUpKeys
{
    /// <summary>Nothing.</summary>
    public static readonly GivenUpKeys None = new([], []);

    private readonly ILookup<string, string?> _states;
    private readonly HashSet<string> _inDoubt;

    /// <param name="states">Objects that are known.</param>
    /// <param name="inDoubt">Keys of writes that nobody waits for any more: what they made is not known yet.</param>
    public GivenUpKeys(IEnumerable<RemoteState> states, IEnumerable<string> inDoubt)
    {
        _states = states.ToLookup(state => state.Key, state => state.ETag, StringComparer.Ordinal);
        _inDoubt = inDoubt.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The keys.</summary>
    public IEnumerable<string> Keys => _states.Select(group => group.Key).Concat(_inDoubt);

    /// <summary>Whether an object is one of them. Of a key in doubt any is: the transfer layer soon finds out whose it is, and a removed file must not
    /// come back until then.</summary>
    public bool Contains(string key, string? etag) => _inDoubt.Contains(key) || _states[key].Contains(etag);

    /// <summary>Reads those below a key. Twice, before a listing is asked for and after it came, since what stands in it may be settled meanwhile.</summary>
    public static (List<RemoteState> States, List<string> InDoubt) Read(JournalReader rows, DriveRow drive, string key)
    {
        var states = rows.DoomedBelow(drive.Id, key).Select(doomed => doomed.Remote).ToList();
        foreach (var node in rows.UnsettledAtRemoteKeysBelow(drive.Id, key))
        {
            if (node.Remote is { } remote && drive.Prefix + rows.Path(node.Id) != remote.Key) states.Add(remote);
        }

        var inDoubt = rows.WritesBelow(drive.Id, key).Where(write => drive.Prefix + rows.Path(write.Node) != write.Key).Select(write => write.Key).ToList();
        return (states, inDoubt);
    }
}
