using System.Globalization;

namespace SyncAgent.Journal;

/// <summary>Finds the places of adopted files in the tree: drives by their target, folders by their names; what is missing is made. Rows
/// that are made are collected and written by the adoption's one mutation.</summary>
internal sealed class AdoptionTree(JournalStore journal, JournalReader reader, DateTimeOffset now)
{
    private const uint DirectoryMode = 0b111_101_101;

    private readonly List<DriveRow> _drives = [.. reader.Drives()];
    private readonly Dictionary<(long Parent, string Name), (long Id, NodeType Type)?> _known = [];

    /// <summary>Drives that were made.</summary>
    public List<(DriveRow Drive, NodeRow Root)> NewDrives { get; } = [];

    /// <summary>Folders that were made, each after the one that it is in.</summary>
    public List<NodeRow> NewFolders { get; } = [];

    /// <summary>The drive of a target.</summary>
    public DriveRow DriveOf(StagingMark mark)
    {
        var wanted = mark.Drive!;
        if (_drives.Find(drive => drive.SameTarget(wanted)) is { } known) return known;

        // A place belongs to one drive: the first that names it.
        var place = _drives.Exists(drive => drive.MountPoint == wanted.MountPoint) ? "" : wanted.MountPoint;
        var row = wanted with { Id = journal.NewId(), Root = journal.NewId(), MountPoint = place };
        _drives.Add(row);
        NewDrives.Add((row, Folder(row, row.Root, 0, row.Id.ToString(CultureInfo.InvariantCulture), mark, null)));
        return row;
    }

    /// <summary>The folder of a key and the name in it, or null when something else stands where a folder would have to be.</summary>
    public (long Parent, string Name)? PlaceOf(DriveRow drive, StagingMark mark)
    {
        var segments = KeyNames.Segments(mark.Path!);
        var parent = drive.Root;
        for (var depth = 0; depth < segments.Length - 1; depth++)
        {
            var name = KeyNames.ToName(segments[depth]);
            switch (ChildOf(parent, name))
            {
                case { Type: NodeType.Directory } folder:
                    parent = folder.Id;
                    break;
                case not null:
                    return null;
                default:
                    var made = Folder(drive, journal.NewId(), parent, name, mark, drive.Prefix + string.Join('/', segments[..(depth + 1)]) + "/");
                    NewFolders.Add(made);
                    _known[(parent, name)] = (made.Id, NodeType.Directory);
                    parent = made.Id;
                    break;
            }
        }

        var own = KeyNames.ToName(segments[^1]);
        return (parent, ChildOf(parent, own) is { Type: NodeType.Directory } ? KeyNames.ToNameBesideFolder(segments[^1]) : own);
    }

    /// <summary>What has a name, or null.</summary>
    public (long Id, NodeType Type)? ChildOf(long parent, string name)
    {
        if (_known.TryGetValue((parent, name), out var known)) return known;
        (long, NodeType)? found = reader.Child(parent, name) is { } row ? (row.Id, row.Type) : null;
        _known[(parent, name)] = found;
        return found;
    }

    /// <summary>A name is given to a file.</summary>
    public void Take(long parent, string name, long id) => _known[(parent, name)] = (id, NodeType.File);

    // With what its key would be in the bucket, and without an ETag: as a folder that is only known as the prefix of others. So it is
    // listed when somebody looks into it, and nothing of it is sent.
    private NodeRow Folder(DriveRow drive, long id, long parent, string name, StagingMark mark, string? key)
    {
        var time = (now - DateTimeOffset.UnixEpoch).Ticks * 100;
        return new NodeRow
        {
            Id = id,
            Drive = drive.Id,
            Parent = parent,
            Name = name,
            Type = NodeType.Directory,
            Mode = DirectoryMode,
            Uid = mark.Uid,
            Gid = mark.Gid,
            AccessTime = time,
            ModifyTime = time,
            ChangeTime = time,
            Remote = key is null ? null : new RemoteState(key, null, null, null, 0, 0, null, 0, Proof.Listed),
        };
    }
}
