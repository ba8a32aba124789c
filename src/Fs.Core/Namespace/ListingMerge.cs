using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>What a complete listing of one directory said.</summary>
/// <param name="Files">Objects right in the directory, by the name that each has while no folder has it too.</param>
/// <param name="Directories">Names of common prefixes.</param>
/// <param name="Marker">The directory's own marker object, or null.</param>
/// <param name="Hidden">Keys that are given up or moved away here and still stand in the bucket.</param>
/// <param name="Unshown">Keys that have no name; the merge may add some.</param>
internal sealed record ListedDirectory(
    Dictionary<string, ListedObject> Files, HashSet<string> Directories, ListedObject? Marker, GivenUpKeys Hidden,
    HiddenKeys.Found Unshown);

/// <summary>
/// Merges a complete listing into the tree, some names at a time, so that nobody waits for the tree's lock while a hundred thousand are
/// merged. Local nodes and tombstones win; absence counts, since the listing is complete. Only the last step says that the
/// directory is listed.
/// </summary>
internal sealed class ListingMerge : IDisposable
{
    private const int NamesAtOnce = 1000;

    private readonly Tree _tree;
    private readonly Node _directory;
    private readonly string _key;
    private readonly DirectoryListing _listing;
    private readonly ListedDirectory _listed;
    private readonly CoreOptions _options;
    private readonly bool _wasComplete;
    private readonly Dictionary<string, Node> _children;
    private readonly List<NodeRow> _put = [];
    private readonly List<long> _removed = [];
    private readonly IEnumerator<string> _names;
    private List<FsInvalidation> _invalid = [];

    /// <summary>Under the tree's lock. The directory's <see cref="Node.Listing"/> keeps it and its children in memory until the end.</summary>
    public ListingMerge(Tree tree, Node directory, string key, DirectoryListing listing, ListedDirectory listed, CoreOptions options)
    {
        _tree = tree;
        _directory = directory;
        _key = key;
        _listing = listing;
        _listed = listed;
        _options = options;
        _wasComplete = Tree.IsComplete(directory);
        _children = tree.ChildrenNeedsLock(directory);
        _names = MergeNames().GetEnumerator();
    }

    /// <summary>Merges the next names and adds what the kernel must drop. False when nothing is left to do, also because the directory
    /// has got another key.</summary>
    public bool StepNeedsLock(List<FsInvalidation> invalid)
    {
        if (_tree.KeyNeedsLock(_directory) != _key) return false;
        var more = true;
        _invalid = invalid;
        for (var i = 0; i < NamesAtOnce && more; i++) more = _names.MoveNext();
        if (more)
        {
            _tree.Cache.Apply(_removed, _put);
        }
        else
        {
            MergeMarker();
            if (_listing.IsOutdated)
            {
                _tree.Cache.Apply(_removed, _put);
                return false;
            }

            _directory.ListedAt = _tree.NowMilliseconds();
            if (_tree.IsWholeNeedsLock(_directory)) _tree.Cache.ApplyListing(_directory.Id, _directory.ListedAt.Value, _removed, _put);
            else _tree.Cache.Apply(_removed, _put);
        }

        _tree.TouchNeedsLock(_directory);
        _put.Clear();
        _removed.Clear();
        return more;
    }

    public void Dispose() => _names.Dispose();

    // One element a name.
    private IEnumerable<string> MergeNames()
    {
        foreach (var name in _listed.Directories)
        {
            MergeDirectory(name);
            yield return name;
        }

        foreach (var (name, found) in _listed.Files)
        {
            MergeFile(name, found);
            yield return name;
        }

        foreach (var child in _children.Values.ToArray())
        {
            MergeAbsence(child);
            yield return child.Name;
        }
    }

    private void MergeDirectory(string name)
    {
        if (_listing.Touched.Contains(name)) return;
        var key = $"{_key}{KeyNames.ToSegment(name)}/";
        if (_children.TryGetValue(name, out var former))
        {
            if (former.IsDirectory) return;
            if (!TryMakeWay(former))
            {
                _listed.Unshown.Add(key, HiddenReason.NameTooLong);
                return;
            }
        }

        Add(name, NodeType.Directory, new RemoteState(key, null, null, null, 0, 0, null, 0, Proof.Listed));
    }

    /// <summary>A folder and a file of the same segment: the folder keeps the name, see <see cref="KeyNames"/>.</summary>
    private bool TryMakeWay(Node file)
    {
        var beside = file.Name + KeyNames.Quote;
        if (!_listed.Files.ContainsKey(file.Name) && TryRemove(file)) return true;
        if (!Names.Fits(beside)) return TryRemove(file);
        Rename(file, beside);
        return true;
    }

    private void MergeFile(string name, ListedObject found)
    {
        var beside = name + KeyNames.Quote;
        if (_listing.Touched.Contains(name) || _listing.Touched.Contains(beside)) return;
        if (_listed.Hidden.Contains(found.Key, found.ETag)) return;
        var remote = new RemoteState(found.Key, found.ETag, null, null, found.Size, FsTime.FromUtc(found.LastModified), null, 0, Proof.Listed);
        var former = _children.GetValueOrDefault(name);
        var hasFolder = former is { IsDirectory: true } && (_listed.Directories.Contains(name) || !TryRemove(former));
        var child = _children.GetValueOrDefault(beside) ?? _children.GetValueOrDefault(name);
        if (child is null or { IsDirectory: true })
        {
            if (!hasFolder) Add(name, NodeType.File, remote);
            else if (Names.Fits(beside)) Add(beside, NodeType.File, remote);
            else _listed.Unshown.Add(found.Key, HiddenReason.NameTooLong);
            return;
        }

        if (child.Name == beside && !hasFolder) Rename(child, name);
        if (child.Remote?.ETag == found.ETag || !MayReplace(child, found.Key)) return;
        if (child.Type == NodeType.File)
        {
            _put.Add(ReplaceByRemote(child, remote));
            _invalid.Add(new FsInvalidation(new NodeId(child.Id), null));
        }
        else if (TryRemove(child))
        {
            Add(child.Name, NodeType.File, remote);
        }
    }

    private void MergeAbsence(Node child)
    {
        var name = KeyNames.IsBesideFolder(child.Name) ? child.Name[..^1] : child.Name;
        if (child.Parent != _directory || (child.IsDirectory ? _listed.Directories.Contains(name) : _listed.Files.ContainsKey(name))) return;
        if (_listing.Touched.Contains(child.Name) || !TryRemove(child)) return;
        Drop(child.Name);
    }

    // Its key stays, so that there is nothing to send.
    private void Rename(Node node, string name)
    {
        Drop(node.Name);
        Drop(name);
        _children.Remove(node.Name);
        node.Name = name;
        _children.Add(name, node);
        if (!node.InJournal)
        {
            _put.Add(node.ToRow(_tree.Drive.Id));
            return;
        }

        var (id, parent, changed, now) = (node.Id, _directory.Id, node.ChangeTime, _tree.NowMilliseconds());
        var mutations = new Mutations();
        mutations.Add(node, writer => writer.MoveNode(id, parent, name, changed, now));
        mutations.Enqueue(_tree.Journal);
    }

    private void Drop(string name) => _invalid.Add(new FsInvalidation(new NodeId(_directory.Id), name));

    private void MergeMarker()
    {
        if (_listed.Marker is not { } marker || _directory.Remote is not { ETag: null } prefix || _directory.InJournal) return;
        _directory.Remote = prefix with { ETag = marker.ETag, Time = FsTime.FromUtc(marker.LastModified) };
        _put.Add(_directory.ToRow(_tree.Drive.Id));
    }

    // A node with something to send, or open, or confirmed after the listing was asked for, knows better than the listing.
    private bool MayReplace(Node child, string key) => !child.IsDirty(key) && child.File is null && child.ConfirmedStamp < _listing.Stamp;

    // That a name is absent is known to the kernel only of a directory that was complete before.
    private void Add(string name, NodeType type, RemoteState remote)
    {
        var time = remote.Time != 0 ? remote.Time : _directory.ModifyTime;
        var node = new Node(_tree.NewId(), type)
        {
            Name = name,
            Mode = type == NodeType.Directory ? _options.DirectoryMode : _options.FileMode,
            Uid = _options.Uid,
            Gid = _options.Gid,
            AccessTime = time,
            ModifyTime = time,
            ChangeTime = time,
            Size = remote.Size,
            Remote = remote,
        };
        _tree.AttachNeedsLock(_directory, node);
        _put.Add(node.ToRow(_tree.Drive.Id));
        if (_wasComplete) Drop(name);
    }

    private NodeRow ReplaceByRemote(Node node, RemoteState remote)
    {
        if (node.InJournal) _tree.Journal.Enqueue(writer => writer.ReleaseNode(node.Id));
        node.InJournal = false;
        node.Content = null;
        node.ServedETag ??= node.Remote?.ETag; // the kernel may have pages of it
        node.Remote = remote with { AttributeVersion = node.AttributeVersion };
        node.Flags &= ~NodeFlags.Learned;
        node.Size = remote.Size;
        node.ModifyTime = remote.Time;
        node.ChangeTime = remote.Time;
        return node.ToRow(_tree.Drive.Id);
    }

    /// <summary>Removes a node that the listing no longer has, with all below it, unless anything of that is local. What is below is
    /// loaded for that: a file that waits to be sent must be seen whether or not anybody has looked at its folder since the start.</summary>
    private bool TryRemove(Node node)
    {
        var key = _key + KeyNames.ToSegment(node.Name) + (node.IsDirectory ? "/" : "");
        if (node.Remote is null || !MayReplace(node, key)) return false;
        var below = _tree.BelowNeedsLock(node).ToList();
        if (below.Exists(child => child.File is not null || child.ConfirmedStamp >= _listing.Stamp || child.IsDirty(_tree.KeyNeedsLock(child)))) return false;

        // Children first: the journal lets no directory go before them.
        foreach (var gone in Enumerable.Reverse(below).Append(node))
        {
            if (gone.InJournal) _tree.Journal.Enqueue(writer => writer.ReleaseNode(gone.Id));
            _removed.Add(gone.Id);
            _tree.ForgetNeedsLock(gone);
        }

        _tree.DetachNeedsLock(node);
        return true;
    }
}
