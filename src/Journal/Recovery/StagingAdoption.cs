using Microsoft.Extensions.Logging;

namespace SyncAgent.Journal;

/// <summary>
/// Puts staging files that no row knows back into the journal, by what they say of themselves: all of them when the journal was lost, or
/// those that it has forgotten. What was closed is pending again, what was open is interrupted, and what cannot be told apart goes to the
/// lost-and-found. One mutation for all of it: a kill leaves all or nothing done. Nothing is read but marks and lengths: whose bytes have
/// to prove themselves is told, and checked behind the mount.
/// </summary>
internal sealed class StagingAdoption(JournalStore journal, JournalReader reader, LostAndFound lost, TimeProvider time, string boot, ILogger logger)
{
    /// <summary>The smallest part that a store takes: only what is larger may have been on its way in parts.</summary>
    private const long SmallestMultipart = 100 * 1024;

    private readonly AdoptionTree _tree = new(journal, reader, time.GetUtcNow());
    private readonly List<Action<JournalWriter>> _rows = [];
    private readonly List<long> _doubtful = [];
    private readonly List<string> _staging = [];
    private int _closed;
    private int _interrupted;
    private int _lostFiles;

    /// <summary>Whether the whole journal was lost, and with it what is open in the bucket.</summary>
    public bool JournalWasLost { get; init; }

    /// <summary>Adopts what of these names can be told apart.</summary>
    public AdoptionReport Run(IReadOnlyCollection<string> names)
    {
        var files = Candidates(names);
        if (files.Count > 0) journal.ReserveIds(files.Max(file => Math.Max(Math.Max(file.Mark.Node, file.Mark.Generation), file.Mark.Drive!.Id)));
        var nodes = files.GroupBy(file => file.Mark.Node).Select(group => new AdoptedNode([.. group.OrderByDescending(file => file.Mark.Generation)]))
            .OrderByDescending(node => node.Newest.Generation); // of two that claim a place, the newer one has it
        foreach (var node in nodes) Adopt(node);
        if (_rows.Count > 0) journal.CommitFull(journal.Enqueue(Write));
        return new AdoptionReport(_closed, _interrupted, _lostFiles, _doubtful, _staging);
    }

    private List<AdoptedFile> Candidates(IReadOnlyCollection<string> names)
    {
        var byGeneration = new Dictionary<long, AdoptedFile>();
        foreach (var name in names)
        {
            var length = new FileInfo(journal.Files.FileOf(name)).Length;
            var hasMap = File.Exists(journal.Files.MapOf(name));
            if (journal.Files.MarkOf(name) is not { Drive: not null, Path.Length: > 0, Node: > 0, Generation: > 0 } mark)
            {
                if (length == 0 && !hasMap) journal.Files.Delete(name); // a kill left it in the moment of its creation
                else Lose(name, "it does not say which file it belongs to");
                continue;
            }

            var file = new AdoptedFile(name, mark, length, hasMap);
            if (file.IsUntouched)
            {
                journal.Files.Delete(name);
            }
            else if (!byGeneration.TryAdd(mark.Generation, file))
            {
                // Folded, and not yet deleted: the one that stands alone has all of it.
                var (keep, drop) = mark.Base == BaseKind.None ? (file, byGeneration[mark.Generation]) : (byGeneration[mark.Generation], file);
                byGeneration[mark.Generation] = keep;
                Lose(drop, "another staged file holds the same content whole");
            }
        }

        return [.. byGeneration.Values];
    }

    private void Adopt(AdoptedNode node)
    {
        var mark = node.Newest;
        var row = reader.Node(mark.Node);
        var drive = row is null ? _tree.DriveOf(mark) : reader.Drives().FirstOrDefault(known => known.Id == row.Drive);
        var place = row is not null ? (row.Parent, row.Name) : _tree.PlaceOf(drive!, mark);
        if (place is not { } at || row is { Type: not NodeType.File } or { Open: not null } || (row is null && _tree.ChildOf(at.Parent, at.Name) is not null))
        {
            foreach (var file in node.Files) Lose(file, "another content has its name now");
            return;
        }

        // Newest first: what is open above the newest closed one, that one with its base, and the one before, should it not prove itself.
        var (open, content, former) = (default(AdoptedFile), default(AdoptedFile), default(AdoptedFile));
        var taken = new HashSet<AdoptedFile>();
        foreach (var file in node.Files)
        {
            if (file.Mark.Generation <= (row?.Content ?? 0)) continue;
            if (!HasBase(file, node)) continue;
            if (content is null && file.IsClosed(boot)) content = file;
            else if (content is null && open is null) open = file;
            else if (content is not null && former is null && content.Mark.BaseGeneration != file.Mark.Generation && file.IsClosed(boot)) former = file;
            else continue;
            taken.Add(file);
        }

        foreach (var top in new[] { open, content, former })
        {
            if (top is not null && BaseOf(top, node) is { } lower) taken.Add(lower);
        }

        foreach (var file in node.Files.Where(file => !taken.Contains(file))) Lose(file, "it is an earlier content of a file, or lacks what it was a change of");
        if (open is null && content is null) return;
        if (open is not null) _interrupted++;
        if (content is not null) _closed++;
        if (content is { Mark.Crc: not null } && content.Mark.Base != BaseKind.Remote) _doubtful.Add(content.Mark.Generation);
        foreach (var file in taken)
        {
            var generation = file.ToGeneration(file == open ? GenerationState.Open : GenerationState.Sealed);
            _staging.Add(generation.Staging);
            _rows.Add(writer => writer.AdoptGeneration(generation));
        }

        if (row is null) AddNode(drive!, at, mark, open, content, former);
        else AttachTo(row, open, content);
    }

    private void AddNode(DriveRow drive, (long Parent, string Name) at, StagingMark mark, AdoptedFile? open, AdoptedFile? content, AdoptedFile? former)
    {
        _tree.Take(at.Parent, at.Name, mark.Node);
        var key = drive.Prefix + mark.Path;
        var node = new NodeRow
        {
            Id = mark.Node,
            Drive = drive.Id,
            Parent = at.Parent,
            Name = at.Name,
            Type = NodeType.File,
            Mode = mark.Mode,
            Uid = mark.Uid,
            Gid = mark.Gid,
            AccessTime = mark.ModifyTime,
            ModifyTime = mark.ModifyTime,
            ChangeTime = mark.ModifyTime,
            Size = content?.Mark.Size ?? 0,
            Content = content?.Mark.Generation,
            Open = open?.Mark.Generation,
            AttributeVersion = 1,
            Pending = content is not null && !mark.Ignored,
            Flags = mark.Ignored ? NodeFlags.Ignored : NodeFlags.None,

            // Only to compare with: whatever else the bucket holds is somebody's, and both are kept.
            Remote = mark.RemoteETag is { } etag
                ? new RemoteState(key, etag, null, mark.RemoteCrc, mark.RemoteSize, mark.ModifyTime, null, 0, Proof.Listed)
                : null,
        };
        _rows.Add(writer => writer.PutNode(node));
        if (former is not null) _rows.Add(writer => writer.Retire(former.Mark.Generation, mark.Node));
        if (!JournalWasLost || content is not { Mark.Size: > SmallestMultipart }) return;
        var upload = new UploadRow(
            journal.NewId(), drive.Id, mark.Node, content.Mark.Generation, key, null, 0, content.Mark.Size, UploadPhase.PossiblyOurs,
            time.GetUtcNow().ToUnixTimeMilliseconds(), true);
        _rows.Add(writer => writer.AddUpload(upload));
    }

    private void AttachTo(NodeRow row, AdoptedFile? open, AdoptedFile? content)
    {
        var due = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (content is { Mark: var closed })
            _rows.Add(writer => writer.SealGeneration(closed.Generation, closed.Size, closed.Crc, row.Id, closed.ModifyTime, closed.ModifyTime, due));
        if (open is { Mark.Generation: var begun }) _rows.Add(writer => writer.SetOpen(row.Id, begun));
    }

    private bool HasBase(AdoptedFile file, AdoptedNode node) =>
        file.IsReadable && (file.Mark.Base != BaseKind.Local || BaseOf(file, node) is not null || reader.Generation(file.Mark.BaseGeneration!.Value) is { Base: BaseKind.None });

    private static AdoptedFile? BaseOf(AdoptedFile file, AdoptedNode node) => file.Mark.Base != BaseKind.Local
        ? null
        : node.Files.FirstOrDefault(lower => lower.Mark.Generation == file.Mark.BaseGeneration && lower.Mark.Base == BaseKind.None);

    private void Write(JournalWriter writer)
    {
        foreach (var (drive, root) in _tree.NewDrives) writer.AddDrive(drive, root);
        foreach (var folder in _tree.NewFolders) writer.PutNode(folder);
        foreach (var row in _rows) row(writer);
    }

    private void Lose(AdoptedFile file, string why) => Lose(file.Staging, why);

    private void Lose(string name, string why)
    {
        var kept = lost.Add(journal.Files.FileOf(name), why);
        logger.LogWarning("a staged file was moved to {Path}: {Why}", kept.File, why);
        _lostFiles++;
    }
}

/// <summary>What became of staging files that no row knew.</summary>
/// <param name="Closed">Files that are pending again.</param>
/// <param name="Interrupted">Files that wait for their user.</param>
/// <param name="Lost">Staging files in the lost-and-found.</param>
/// <param name="Doubtful">Generations whose bytes have to prove themselves.</param>
/// <param name="Staging">Staging files that have rows now.</param>
internal sealed record AdoptionReport(int Closed, int Interrupted, int Lost, IReadOnlyList<long> Doubtful, IReadOnlyList<string> Staging);
