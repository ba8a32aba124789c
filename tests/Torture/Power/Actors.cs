using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Torture.Power;

/// <summary>Saves small files in all the ways in which programs do: anew, cut and written again, beside and renamed over.</summary>
internal sealed class Saver(string folder, string drive, LoggedDisk disk, Random chance) : Actor(folder, drive, disk, chance)
{
    private const int Files = 8;
    private const int Largest = 60_000;

    /// <inheritdoc/>
    protected override void Turn(CancellationToken stop)
    {
        var name = $"s{Chance.Next(Files)}";
        switch (Chance.Next(10))
        {
            case < 5:
                Save(name, Chance.Next(3) == 0);
                break;
            case < 9:
                SaveBeside(name);
                break;
            default:
                if (Names.ContainsKey(name)) Do($"rm {name}", Names.Remove(name), () => File.Delete(At(name)));
                break;
        }

        if (Chance.Next(6) == 0 && Names.ContainsKey(name)) AwaitDurable(name, stop);
    }

    private void Save(string name, bool sync)
    {
        var known = Names.GetValueOrDefault(name);
        var file = known?.File ?? NewFile();
        var bytes = Bytes(1 + Chance.Next(Largest));
        SafeFileHandle? handle = null;
        Do($"open {name} cut to nothing", Names.SetItem(name, new Entry(file, known?.Closed, true)), () => handle = Open(name, FileMode.Create));
        RandomAccess.Write(handle!, bytes, 0);
        if (sync) Do($"fsync {name}", Names.SetItem(name, new Entry(file, known?.Closed, true, bytes)), () => Sync(handle!));
        Do($"close {name}", Names.SetItem(name, new Entry(file, VersionOf(file, bytes), false)), handle!.Dispose);
    }

    private void SaveBeside(string name)
    {
        Save("beside", Chance.Next(3) == 0);
        var moved = Names["beside"];
        Do($"mv beside {name}", Names.Remove("beside").SetItem(name, moved), () => File.Move(At("beside"), At(name), overwrite: true));
        if (Chance.Next(3) == 0) SyncFolder();
    }
}

/// <summary>Changes larger files in place: overwrites, appends, cuts, closes one of two descriptors and writes on.</summary>
/// <param name="files">How many files.</param>
/// <param name="smallest">Bytes of a new one, at least.</param>
/// <param name="largest">Bytes of one, at most.</param>
internal sealed class Editor(string folder, string drive, LoggedDisk disk, Random chance, int files, int smallest, int largest) : Actor(folder, drive, disk, chance)
{
    private const int LargestWrite = 64 << 10;

    private readonly Dictionary<string, byte[]> _contents = [];

    /// <inheritdoc/>
    protected override void Turn(CancellationToken stop)
    {
        var name = $"o{Chance.Next(files)}";
        if (!Names.TryGetValue(name, out var known)) known = Make(name);
        else Edit(name, known.File!.Value, known.Closed!);
        if (Chance.Next(3) == 0) AwaitDurable(name, stop);
    }

    private Entry Make(string name)
    {
        var file = NewFile();
        var bytes = Bytes(Chance.Next(smallest, largest));
        SafeFileHandle? handle = null;
        Do($"create {name}", Names.SetItem(name, new Entry(file, null, true)), () => handle = Open(name, FileMode.CreateNew));
        for (var at = 0; at < bytes.Length; at += 128 << 10) RandomAccess.Write(handle!, bytes.AsSpan(at, Math.Min(128 << 10, bytes.Length - at)), at);
        return Close(name, file, bytes, handle!);
    }

    private void Edit(string name, int file, Version before)
    {
        var bytes = _contents[name];
        using var handle = Open(name, FileMode.Open);
        Do($"write to {name}", Names.SetItem(name, new Entry(file, before, true)), () => bytes = Change(handle, bytes));
        for (var more = Chance.Next(4); more > 0; more--) bytes = Change(handle, bytes);
        if (Chance.Next(4) == 0)
        {
            Do($"close a copy of the descriptor of {name}", Names.SetItem(name, new Entry(file, VersionOf(file, bytes), true)), () => Kernel.CloseCopyOf(handle));
            if (Chance.Next(2) == 0) Sync(handle);
            // From here on that close counts no more.
            Do($"write to {name} again", Names.SetItem(name, new Entry(file, before, true)), () => bytes = Change(handle, bytes));
        }

        if (Chance.Next(4) == 0) Sync(handle);
        Close(name, file, bytes, handle);
    }

    private Entry Close(string name, int file, byte[] bytes, SafeFileHandle handle)
    {
        _contents[name] = bytes;
        var closed = new Entry(file, VersionOf(file, bytes), false);
        Do($"close {name}", Names.SetItem(name, closed), handle.Dispose);
        return closed;
    }

    private byte[] Change(SafeFileHandle handle, byte[] bytes)
    {
        if (Chance.Next(8) == 0)
        {
            var length = Chance.Next(smallest / 2, largest);
            RandomAccess.SetLength(handle, length);
            Array.Resize(ref bytes, length);
            return bytes;
        }

        var appends = Chance.Next(4) == 0 && bytes.Length + LargestWrite < largest;
        var offset = appends ? bytes.Length : Chance.Next(bytes.Length);
        var written = Bytes(1 + Chance.Next(LargestWrite));
        RandomAccess.Write(handle, written, offset);
        var changed = new byte[Math.Max(bytes.Length, offset + written.Length)];
        bytes.CopyTo(changed, 0);
        written.CopyTo(changed, offset);
        return changed;
    }
}

/// <summary>Renames, exchanges and removes files and folders.</summary>
internal sealed class Mover(string folder, string drive, LoggedDisk disk, Random chance) : Actor(folder, drive, disk, chance)
{
    private const int Folders = 4;
    private const int Files = 5;
    private const int Largest = 8_000;

    /// <inheritdoc/>
    protected override void Turn(CancellationToken stop)
    {
        switch (Chance.Next(9))
        {
            case 0:
                MakeFolder();
                break;
            case < 4:
                MakeFile(stop);
                break;
            case 4:
                MoveFile();
                break;
            case 5:
                MoveFolder();
                break;
            case 6:
                ExchangeTwo();
                break;
            case 7:
                Remove();
                break;
            default:
                SyncFolder();
                break;
        }
    }

    private static bool IsFolder(string name, Entry entry) => entry.File is null;

    private static bool IsFile(string name, Entry entry) => entry.File is not null;

    private string NewName() => Any(IsFolder) is { } folder ? $"{folder}/f{Chance.Next(Files)}" : $"f{Chance.Next(Files)}";

    private void MakeFolder()
    {
        var name = $"d{Chance.Next(Folders)}";
        if (!Names.ContainsKey(name)) Do($"mkdir {name}", Names.SetItem(name, Entry.Folder), () => Directory.CreateDirectory(At(name)));
    }

    private void MakeFile(CancellationToken stop)
    {
        var name = NewName();
        if (Names.ContainsKey(name)) return;
        var file = NewFile();
        var bytes = Bytes(1 + Chance.Next(Largest));
        SafeFileHandle? handle = null;
        Do($"create {name}", Names.SetItem(name, new Entry(file, null, true)), () => handle = Open(name, FileMode.CreateNew));
        RandomAccess.Write(handle!, bytes, 0);
        Do($"close {name}", Names.SetItem(name, new Entry(file, VersionOf(file, bytes), false)), handle!.Dispose);
        if (Chance.Next(4) == 0) AwaitDurable(name, stop);
    }

    private void MoveFile()
    {
        var to = NewName();
        if (Any(IsFile) is not { } from || from == to) return;
        var moved = Names[from];
        Do($"mv {from} {to}", Names.Remove(from).SetItem(to, moved), () => File.Move(At(from), At(to), overwrite: true));
    }

    private void MoveFolder()
    {
        var to = $"d{Chance.Next(Folders)}";
        if (Any(IsFolder) is not { } from || Names.ContainsKey(to)) return;
        Do($"mv {from} {to}", Renamed(name => name == from ? to : name.StartsWith(from + "/", StringComparison.Ordinal) ? to + name[from.Length..] : name), () => Directory.Move(At(from), At(to)));
    }

    private void ExchangeTwo()
    {
        var kind = Chance.Next(2) == 0 ? IsFile : (Func<string, Entry, bool>)IsFolder;
        if (Any(kind) is not { } one || Any((name, entry) => name != one && kind(name, entry)) is not { } other) return;
        Do($"exchange {one} {other}", Renamed(name => Swapped(name, one, other) ?? Swapped(name, other, one) ?? name), () => Kernel.Exchange(At(one), At(other)));
    }

    private void Remove()
    {
        if (Any(IsFile) is { } file && Chance.Next(3) > 0)
        {
            Do($"rm {file}", Names.Remove(file), () => File.Delete(At(file)));
        }
        else if (Any(IsFolder) is { } folder && !Names.Keys.Any(name => name.StartsWith(folder + "/", StringComparison.Ordinal)))
        {
            Do($"rmdir {folder}", Names.Remove(folder), () => Directory.Delete(At(folder)));
        }
    }

    private static string? Swapped(string name, string from, string to) =>
        name == from ? to : name.StartsWith(from + "/", StringComparison.Ordinal) ? to + name[from.Length..] : null;

    private System.Collections.Immutable.ImmutableSortedDictionary<string, Entry> Renamed(Func<string, string> rename) =>
        Names.Clear().AddRange(Names.Select(pair => KeyValuePair.Create(rename(pair.Key), pair.Value)));
}

/// <summary>Appends to logs and makes what it appended durable, long before it closes them.</summary>
internal sealed class Logger(string folder, string drive, LoggedDisk disk, Random chance) : Actor(folder, drive, disk, chance)
{
    private const int Logs = 3;
    private const int LargestRecord = 3_000;
    private const int LargestLog = 500_000;

    private readonly Dictionary<string, byte[]> _contents = [];

    /// <inheritdoc/>
    protected override void Turn(CancellationToken stop)
    {
        var name = $"log{Chance.Next(Logs)}";
        if (_contents.TryGetValue(name, out var bytes) && bytes.Length > LargestLog)
        {
            Do($"rm {name}", Names.Remove(name), () => File.Delete(At(name)));
            _contents.Remove(name);
        }

        bytes = _contents.GetValueOrDefault(name, []);
        var known = Names.GetValueOrDefault(name);
        var file = known?.File ?? NewFile();
        SafeFileHandle? handle = null;
        if (known is null) Do($"create {name}", Names.SetItem(name, new Entry(file, null, true)), () => handle = Open(name, FileMode.CreateNew));
        else handle = Open(name, FileMode.Open);
        for (var records = 1 + Chance.Next(5); records > 0; records--)
        {
            var record = Bytes(1 + Chance.Next(LargestRecord));
            var offset = bytes.Length;
            Array.Resize(ref bytes, offset + record.Length);
            record.CopyTo(bytes, offset);
            Do($"append to {name}", Names.SetItem(name, new Entry(file, known?.Closed, true, Names.GetValueOrDefault(name)?.Synced ?? default)), () => RandomAccess.Write(handle!, record, offset));
            if (Chance.Next(2) == 0) continue;
            Do($"fsync {name}", Names.SetItem(name, new Entry(file, known?.Closed, true, bytes)), () => Sync(handle!));
        }

        _contents[name] = bytes;
        Do($"close {name}", Names.SetItem(name, new Entry(file, VersionOf(file, bytes), false)), handle!.Dispose);
        if (Chance.Next(4) == 0) AwaitDurable(name, stop);
    }
}
