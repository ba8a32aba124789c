using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Workload;

internal sealed partial class Writer
{
    private void Step()
    {
        if (Ledger.Unfinished.Count > 0 && random.Next(4) == 0)
        {
            EndUnfinished(Ledger.Unfinished.ElementAt(random.Next(Ledger.Unfinished.Count)));
            return;
        }

        switch (random.Next(100))
        {
            case < 22: Rewrite(AnyName(), NewBytes(), cut: true); break;
            case < 30: SaveSafely(AnyName(), NewBytes()); break;
            case < 40 when AnyFile() is { } file: Append(file); break;
            case < 56 when AnyFile(item => item.Bytes!.Length > 256 << 10) is { } file: WriteInside(file); break;
            case < 60 when AnyFile() is { } file: ChangeLength(file); break;
            case < 64 when AnyFile(item => item.Bytes!.Length > 0) is { } file: WriteThroughMap(file); break;
            case < 68 when AnyFile() is { } file: WriteAfterClose(file); break;
            case < 76 when AnyFile() is { } file: Rename(file, AnyName()); break;
            case < 79 when AnyFile() is { } file && AnyFile() is { } other && file != other: Exchange(file, other); break;
            case < 85 when AnyFile() is { } file: Remove(file); break;
            case < 87 when AnyFile() is { } file: RemoveWhileOpen(file); break;
            case < 90: ChangeFolders(); break;
            case < 94 when AnyFile() is { } file: SetAttributes(file); break;
            default:
                if (AnyFile() is { } read) Verify(read);
                break;
        }
    }

    /// <summary>Writes a file anew, in pieces of any order, and now and then fsyncs it before the close.</summary>
    private void Rewrite(string path, byte[] bytes, bool cut)
    {
        if (Ledger.Items.GetValueOrDefault(path) is { IsFolder: true }) return;
        Ledger.Begin([new Change(path, Item.File(bytes))]);
        Use(path, Posix.WriteOnly | Posix.Create | (cut ? Posix.Cut : 0), file =>
        {
            var piece = 16_384 + random.Next(200_000);
            var offsets = Enumerable.Range(0, (bytes.Length + piece - 1) / piece).ToArray();
            // What an unfinished file lacks is made good from its start on.
            if (random.Next(3) == 0 && !Ledger.Unfinished.Contains(path)) random.Shuffle(offsets);
            foreach (var index in offsets)
            {
                var from = index * piece;
                Posix.WriteAt(file, bytes.AsSpan(from, Math.Min(piece, bytes.Length - from)), from, path);
            }

            if (!cut) Posix.SetLength(file, bytes.Length, path);
            if (random.Next(8) == 0) Posix.Sync(file, path);
        });
        Ledger.Succeed();
    }

    /// <summary>As editors do: a new file beside it, then a rename over it.</summary>
    private void SaveSafely(string path, byte[] bytes)
    {
        var temporary = $"{folder}/.save{random.Next(2)}";
        if (Ledger.Unfinished.Contains(temporary)) return;
        Rewrite(temporary, bytes, cut: true);
        Rename(temporary, path);
    }

    private void Append(string path)
    {
        var more = NewBytes();
        if (Ledger.Items[path].Bytes!.Length + more.Length > 2 << 20) more = more[..Math.Min(more.Length, 1000)];
        Ledger.Begin([new Change(path, Item.File([.. Ledger.Items[path].Bytes!, .. more]))]);
        Use(path, Posix.WriteOnly | Posix.AtEnd, file => Posix.Write(file, more, path));
        Ledger.Succeed();
    }

    private void WriteInside(string path)
    {
        var bytes = Ledger.Items[path].Bytes!.ToArray();
        var pieces = new List<(int From, byte[] Bytes)>();
        for (var count = 1 + random.Next(3); count > 0; count--)
        {
            var piece = new byte[1 + random.Next(60_000)];
            random.NextBytes(piece);
            var from = random.Next(bytes.Length);
            piece = piece[..Math.Min(piece.Length, bytes.Length - from)];
            piece.CopyTo(bytes, from);
            pieces.Add((from, piece));
        }

        Ledger.Begin([new Change(path, Item.File(bytes))]);
        Use(path, Posix.ReadWrite, file =>
        {
            foreach (var (from, piece) in pieces) Posix.WriteAt(file, piece, from, path);
        });
        Ledger.Succeed();
    }

    private void ChangeLength(string path)
    {
        var bytes = Ledger.Items[path].Bytes!;
        Array.Resize(ref bytes, random.Next(Math.Min(2 << 20, (bytes.Length * 2) + 1000)));
        Ledger.Begin([new Change(path, Item.File(bytes))]);
        if (random.Next(2) == 0) Posix.SetLength(Full(path), bytes.Length);
        else Use(path, Posix.ReadWrite, file => Posix.SetLength(file, bytes.Length, path));

        Ledger.Succeed();
    }

    private void WriteThroughMap(string path)
    {
        var bytes = Ledger.Items[path].Bytes!.ToArray();
        var piece = new byte[1 + random.Next(Math.Min(bytes.Length, 50_000))];
        random.NextBytes(piece);
        var from = random.Next(bytes.Length - piece.Length + 1);
        piece.CopyTo(bytes, from);
        Ledger.Begin([new Change(path, Item.File(bytes))]);
        Use(path, Posix.ReadWrite, file => Posix.WriteMapped(file, piece, from, bytes.Length, path));
        Ledger.Succeed();
    }

    /// <summary>A second descriptor goes on writing after a close was answered: the answer then no longer counts (docs/semantics.md).</summary>
    private void WriteAfterClose(string path)
    {
        var first = new byte[1 + random.Next(20_000)];
        random.NextBytes(first);
        var second = first.Concat(NewBytes().Take(30_000)).ToArray();
        Ledger.Begin([new Change(path, Item.File(first))], [new Change(path, Item.File(second))]);
        Forks.Without(() => WriteAfterClose(path, first, second[first.Length..]));
        Ledger.Succeed();
    }

    private void WriteAfterClose(string path, byte[] first, byte[] rest)
    {
        var file = Posix.Open(Full(path), Posix.WriteOnly | Posix.Cut);
        var other = -1;
        try
        {
            other = Posix.Duplicate(file, path);
            Posix.WriteAt(file, first, 0, path);
            var former = file;
            file = -1; // close(2) frees it whatever it answers, and another writer's file may have its number next
            Posix.Close(former, path);
            Posix.WriteAt(other, rest, first.Length, path);
            var last = other;
            other = -1;
            Posix.Close(last, path);
        }
        finally
        {
            if (file >= 0) Posix.Abandon(file);
            if (other >= 0) Posix.Abandon(other);
        }
    }

    private void Rename(string from, string to)
    {
        if (from == to || !Ledger.Items.TryGetValue(from, out var moved) || Ledger.Items.GetValueOrDefault(to) is { IsFolder: true }) return;
        if (Ledger.Unfinished.Contains(to)) return;
        Ledger.Begin([new Change(from, null), new Change(to, moved)]);
        Posix.Rename(Full(from), Full(to));
        Ledger.Succeed();
    }

    private void Exchange(string one, string other)
    {
        Ledger.Begin([new Change(one, Ledger.Items[other]), new Change(other, Ledger.Items[one])]);
        Posix.Exchange(Full(one), Full(other));
        Ledger.Succeed();
    }

    private void Remove(string path)
    {
        Ledger.Begin([new Change(path, null)]);
        Posix.Unlink(Full(path));
        Ledger.Succeed();
    }

    /// <summary>A file that is removed while it is written is gone, whatever its descriptor does.</summary>
    private void RemoveWhileOpen(string path)
    {
        Ledger.Begin([new Change(path, null)]);
        Use(path, Posix.WriteOnly, file =>
        {
            Posix.WriteAt(file, [1, 2, 3], 0, path);
            Posix.Unlink(Full(path));
            Posix.WriteAt(file, [4, 5, 6], 3, path);
        });
        Ledger.Succeed();
    }

    private string AFolder() => $"{folder}/d{random.Next(Folders)}";

    private void ChangeFolders()
    {
        var path = AFolder();
        if (!Ledger.Items.ContainsKey(path))
        {
            Make(path);
            return;
        }

        var below = Ledger.Items.Where(entry => entry.Key.StartsWith(path + "/", StringComparison.Ordinal)).ToList();
        if (Ledger.Unfinished.Any(file => file.StartsWith(path + "/", StringComparison.Ordinal))) return;
        if (below.Count == 0)
        {
            Ledger.Begin([new Change(path, null)]);
            Posix.RemoveFolder(Full(path));
            Ledger.Succeed();
            return;
        }

        var to = AFolder();
        if (Ledger.Items.ContainsKey(to)) return;
        var changes = new List<Change> { new(path, null), new(to, Item.Folder) };
        foreach (var (file, item) in below) changes.AddRange([new Change(file, null), new Change(to + file[path.Length..], item)]);
        Ledger.Begin([.. changes]);
        Posix.Rename(Full(path), Full(to));
        Ledger.Succeed();
    }

    // What these set is not checked: they are here for what they do to the journal.
    private void SetAttributes(string path)
    {
        if (random.Next(2) == 0) Posix.ChangeMode(Full(path), random.Next(2) == 0 ? 0b110_100_000u : 0b110_100_100u);
        else Posix.SetAttribute(Full(path), "user.torture", [.. Enumerable.Repeat((byte)'x', 1 + random.Next(20))]);
    }

    private void Verify(string path)
    {
        var bytes = Posix.ReadAll(Full(path));
        if (Item.SumOf(bytes) != Ledger.Items[path].Sum) Failures.Add($"LOST {path} reads as {Item.File(bytes)} and holds {Ledger.Items[path]}");
    }

    /// <summary>Opens, changes and closes a file, while no program is started.</summary>
    private void Use(string path, int flags, Action<int> action) => Forks.Without(() =>
    {
        var file = Posix.Open(Full(path), flags);
        try
        {
            action(file);
        }
        catch
        {
            Posix.Abandon(file);
            throw;
        }

        Posix.Close(file, path);
    });
}
