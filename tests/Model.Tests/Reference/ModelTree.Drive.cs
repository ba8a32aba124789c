namespace SyncAgent.Model.Tests.Reference;

/// <summary>What an object of the bucket must be.</summary>
/// <param name="Bytes">Content.</param>
/// <param name="Mode">Permission bits in its metadata, or null where none are asked for.</param>
/// <param name="ModifyTime">Time in its metadata, or null where none is asked for.</param>
internal sealed record ExpectedObject(byte[] Bytes, uint? Mode, long? ModifyTime);

internal sealed partial class ModelTree
{
    /// <summary>Whether the transfer stopped half-way since everything had arrived: then what is in the bucket is not known.</summary>
    private bool _isHalfSent;

    /// <summary>Whether everything can arrive now: what is being written waits for its writer.</summary>
    public bool CanSettle => !All().Any(item => item.Node is ModelFile { IsDirty: true, Writers: > 0 });

    /// <summary>Slots that are open.</summary>
    public IReadOnlyList<int> OpenSlots => [.. _slots.Keys];

    /// <summary>All nodes by path, directories before what is in them.</summary>
    public IEnumerable<(string Path, ModelNode Node)> All() => Below("", Root);

    /// <summary>Everything has arrived in the bucket.</summary>
    public void Settled()
    {
        _isHalfSent = false;
        foreach (var (path, node) in All())
        {
            if (node is ModelFile file) file.IsTentative = false;
            node.Synced = node is ModelFile { IsDirty: true } ? null : (path, node.Version);
        }
    }

    /// <summary>Some of it has.</summary>
    public void HalfSent() => _isHalfSent = true;

    /// <summary>The agent was killed.</summary>
    /// <param name="exists">Tells whether a path is still there, where that is not promised.</param>
    public void Killed(Func<string, bool> exists)
    {
        _slots.Clear();
        foreach (var (path, node) in All().ToList())
        {
            if (node is not ModelFile file) continue;
            file.Interrupt();
            if (!file.IsTentative) continue;
            file.IsTentative = false;
            if (exists(path)) continue;
            Find(path, out var directory, out var name, out _);
            Detach(directory!, name);
        }
    }

    /// <summary>Whether what another client does to this path has one right outcome: nothing of it is under way here.</summary>
    public bool MayBeChangedRemotely(string path)
    {
        if (_isHalfSent || Find(path, out var directory, out _, out var node) is not null || path.Length == 0) return false;
        var parent = path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "";
        if (parent.Length > 0 && (!IsClean(parent, directory!) || !parent.Split('/').Select((_, i) => string.Join('/', parent.Split('/')[..(i + 1)])).All(above => IsClean(above, At(above)!)))) return false;
        if (node is not null && (!IsClean(path, node) || node is ModelDirectory or ModelFile { Handles: > 0 })) return false;
        return !All().Any(item => item.Node != node && item.Node.Synced?.Path == path);
    }

    public bool IsLink(string path) => At(path) is ModelLink;

    /// <summary>Another client wrote an object, and the drive has seen it.</summary>
    public void RemotePut(string path, byte[] bytes)
    {
        Find(path, out var directory, out var name, out var node);
        if (node is not ModelFile file)
        {
            if (node is not null) Detach(directory!, name);
            file = new ModelFile { Mode = 0b110_100_100 };
            Attach(directory!, name, file);
        }

        file.Replace(bytes);
        file.Synced = (path, file.Version);
    }

    /// <summary>Another client deleted an object, and the drive has seen it.</summary>
    public void RemoteDelete(string path)
    {
        Find(path, out var directory, out var name, out _);
        Detach(directory!, name);
    }

    /// <summary>Both changed: the remote bytes keep the name, the local ones got another.</summary>
    public void KeepBoth(string path, string copy, byte[] remote)
    {
        Find(path, out var directory, out var name, out var local);
        directory!.Children.Remove(name);
        Attach(directory, copy, local!);
        var file = new ModelFile { Mode = 0b110_100_100 };
        Attach(directory, name, file);
        file.Replace(remote);
    }

    /// <summary>What the bucket must hold when everything has arrived, by key below the prefix.</summary>
    public SortedDictionary<string, ExpectedObject> Bucket()
    {
        var bucket = new SortedDictionary<string, ExpectedObject>(StringComparer.Ordinal);
        foreach (var (path, node) in All())
        {
            uint? mode = node.SaysAttributes ? node.Mode : null;
            switch (node)
            {
                case ModelDirectory:
                    bucket.Add(path + "/", new ExpectedObject([], mode, null));
                    break;
                case ModelLink link:
                    bucket.Add(path, new ExpectedObject(System.Text.Encoding.UTF8.GetBytes(link.Target), mode, link.ModifyTime));
                    break;
                case ModelFile { Sealed: { } bytes } file:
                    bucket.Add(path, new ExpectedObject(bytes, file.IsDirty ? null : mode, file.IsDirty ? null : file.ModifyTime));
                    break;
            }
        }

        return bucket;
    }

    private static bool IsClean(string path, ModelNode node) => node.Synced == (path, node.Version) && node is not ModelFile { IsDirty: true };

    private static IEnumerable<(string Path, ModelNode Node)> Below(string path, ModelDirectory directory)
    {
        foreach (var (name, node) in directory.Children)
        {
            var own = path.Length == 0 ? name : $"{path}/{name}";
            yield return (own, node);
            if (node is not ModelDirectory inner) continue;
            foreach (var item in Below(own, inner)) yield return item;
        }
    }
}
