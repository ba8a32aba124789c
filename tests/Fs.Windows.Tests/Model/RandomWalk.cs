using SyncAgent.Fs.Core.Tests;
using SyncAgent.Fs.Windows.Interop;
using SyncAgent.Fs.Windows.Tests.Driver;

namespace SyncAgent.Fs.Windows.Tests.Model;

/// <summary>Does the same to a drive and to the model, by chance, and compares every answer.</summary>
internal sealed class RandomWalk(FakeDriver driver, int seed, string folder = "")
{
    private const int MostHandles = 6;
    private const int MostBytes = 300;

    private static readonly string[] Names = ["a", "A", "b.txt", "B.TXT", "Dir", "dir", "stra\u00DFe", "x y"];

    private readonly Random _random = new(seed);
    private readonly WindowsModel _model = new();
    private readonly List<(FileObject File, ModelHandle Handle)> _open = [];
    private readonly List<(FileObject File, ModelHandle Handle)> _mapped = [];
    private readonly Queue<string> _log = new();

    public int Steps { get; private set; }

    private FakeDriver Driver { get; } = driver;

    /// <summary>Goes so many steps, and closes everything.</summary>
    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++) Step();
        while (_open.Count > 0) CloseAt(0, keepMapped: false);
        while (_mapped.Count > 0) Unmap(0);
    }

    /// <summary>Compares what the bucket holds below the folder, once everything was sent.</summary>
    public void Check(FakeBucket bucket)
    {
        var prefix = "p/" + (folder.Length == 0 ? "" : folder[1..] + "/");
        var expected = _model.Bucket();
        var keys = bucket.Keys().Where(key => key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => key[prefix.Length..]);
        Same("keys", string.Join('|', expected.Keys), string.Join('|', keys));
        foreach (var (key, bytes) in expected) Same(key, Convert.ToHexString(bytes), Convert.ToHexString(bucket.Bytes(prefix + key)!));
    }

    private void Step()
    {
        Steps++;
        var dice = _random.Next(100);
        if (dice < 25) Open();
        else if (dice < 32) List();
        else if (dice < 36 && _mapped.Count > 0) WritePage();
        else if (dice < 40 && _mapped.Count > 0) Unmap(_random.Next(_mapped.Count));
        else if (_open.Count == 0) Open();
        else if (dice < 58) CloseAt(_random.Next(_open.Count), keepMapped: true);
        else OnHandle(dice, _open[_random.Next(_open.Count)]);
    }

    private void OnHandle(int dice, (FileObject File, ModelHandle Handle) open)
    {
        var (file, handle) = open;
        var node = handle.Node;
        if (dice < 64) Delete(file, handle);
        else if (dice < 71) Rename(file, handle);
        else if (node.IsFolder) Describe(file, node);
        else if (dice < 85 && handle.Writes) Write(file, node);
        else if (dice < 90 && handle.Writes) Resize(file, node);
        else if (dice < 92) SetReadOnly(file, node);
        else if (dice < 94) Same("flush", 0, Driver.Flush(file));
        else if (dice < 97) Read(file, node);
        else Describe(file, node);
    }

    private void Open()
    {
        if (_open.Count >= MostHandles) return;
        var path = Path();
        var disposition = (Disposition)_random.Next(6);
        var writes = disposition != Disposition.Open || _random.Next(2) == 0;
        var options = _random.Next(10) switch
        {
            < 3 => CreateOptions.DirectoryFile,
            3 => CreateOptions.NonDirectoryFile,
            4 when disposition is Disposition.Open or Disposition.Create && !IsMapped(path) => CreateOptions.DeleteOnClose,
            _ => CreateOptions.None,
        };
        Log($"open {path} {disposition} {options} writes={writes}");
        var expected = _model.Open(path, disposition, writes, options, out var handle);
        Same("open", Hex(expected), Hex(Driver.Open(folder + path, disposition, out var file, writes ? FakeDriver.ReadWrite : FakeDriver.ReadOnly, options)));
        if (handle is not null) _open.Add((file!, handle));
    }

    private void CloseAt(int index, bool keepMapped)
    {
        var (file, handle) = _open[index];
        _open.RemoveAt(index);
        var maps = keepMapped && handle is { Writes: true, DeleteOnClose: false, Node: { IsFolder: false, DeletePending: false } } && _random.Next(4) == 0;
        Log($"close {file.Node.Path} mapped={maps}");
        if (maps) file.Mapped = 1;
        Driver.Close(file);
        WindowsModel.Close(handle);
        if (maps) _mapped.Add((file, handle));
        else handle.Node.References--;
    }

    private void Unmap(int index)
    {
        var (file, handle) = _mapped[index];
        _mapped.RemoveAt(index);
        Log($"unmap {file.Node.Path}");
        Driver.Unmap(file);
        handle.Node.References--;
    }

    private void WritePage()
    {
        var (file, handle) = _mapped[_random.Next(_mapped.Count)];
        var (offset, data) = Data();
        Log($"page {file.Node.Path} {offset}+{data.Length}");
        Same("page", 0, Driver.Write(file, offset, data, paging: true));
        var fits = Math.Clamp(handle.Node.Bytes.Length - offset, 0, data.Length);
        if (fits > 0) handle.Node.Write(offset, data[..fits]);
    }

    private void Write(FileObject file, ModelNode node)
    {
        var (offset, data) = Data();
        var appends = _random.Next(4) == 0;
        Log($"write {file.Node.Path} {(appends ? "end" : offset)}+{data.Length}");
        Same("write", 0, Driver.Write(file, offset, data, appends, false, out var done, out var info));
        node.Write(appends ? node.Bytes.Length : offset, data);
        Same("written", (data.Length, node.Bytes.Length), ((int)done, (int)info.FileSize));
    }

    private void Read(FileObject file, ModelNode node)
    {
        var (offset, length) = (_random.Next(MostBytes), _random.Next(1, MostBytes));
        Log($"read {file.Node.Path} {offset}+{length}");
        var status = Driver.Read(file, offset, length, out var bytes);
        Same("read", Hex(offset >= node.Bytes.Length ? NtStatus.EndOfFile : 0), Hex(status));
        Same("bytes", Convert.ToHexString(node.Bytes.Skip(offset).Take(length).ToArray()), Convert.ToHexString(bytes));
    }

    private void Resize(FileObject file, ModelNode node)
    {
        var (size, isAllocation) = (_random.Next(MostBytes), _random.Next(2) == 0);
        Log($"size {file.Node.Path} {size} allocation={isAllocation}");
        Same("size", 0, Driver.SetSize(file, size, isAllocation, out var info));
        if (!isAllocation || size < node.Bytes.Length) node.Resize(size);
        Same("length", node.Bytes.Length, (int)info.FileSize);
    }

    private void SetReadOnly(FileObject file, ModelNode node)
    {
        node.IsReadOnly = !node.IsReadOnly;
        Log($"read-only {file.Node.Path} {node.IsReadOnly}");
        Same("attributes", 0, Driver.SetBasic(file, (uint)(node.IsReadOnly ? FileAttributes.ReadOnly : FileAttributes.Normal)));
    }

    private void Delete(FileObject file, ModelHandle handle)
    {
        var delete = _random.Next(3) > 0;
        if (delete && _mapped.Exists(mapped => mapped.Handle.Node == handle.Node)) return; // the driver itself refuses
        Log($"delete {file.Node.Path} {delete}");
        Same("delete", Hex(WindowsModel.SetDelete(handle, delete)), Hex(Driver.SetDelete(file, delete)));
    }

    private void Rename(FileObject file, ModelHandle handle)
    {
        var (target, replace) = (Path(), _random.Next(2) == 0);
        Log($"rename {file.Node.Path} {target} replace={replace}");
        Same("rename", Hex(_model.Rename(handle, target, replace)), Hex(Driver.Rename(file, folder + target, replace)));
    }

    private void List()
    {
        var path = _random.Next(3) == 0 ? "\\" : Path();
        Log($"list {path}");
        Same("list", Hex(_model.List(path, out var children)), Hex(Driver.Enumerate(folder + path, out var entries, _random.Next(2) == 0 ? 300 : 4096)));
        Same(
            "entries",
            string.Join('|', children.Select(child => $"{child.Name} {child.Bytes.Length} {child.IsReadOnly}")),
            string.Join('|', entries.Where(entry => entry.Name is not ("." or ".."))
                .Select(entry => $"{entry.Name} {entry.Info.FileSize} {entry.Info.Attributes.HasFlag(FileAttributes.ReadOnly)}")));
    }

    private void Describe(FileObject file, ModelNode node)
    {
        Log($"info {file.Node.Path}");
        Same("info", 0, Driver.Info(file, out var info));
        Same("what", (node.Bytes.Length, node.IsFolder), ((int)info.FileSize, info.Attributes.HasFlag(FileAttributes.Directory)));
    }

    private bool IsMapped(string path) => _mapped.Exists(mapped => mapped.File.Node.Path.Equals(folder + path, StringComparison.OrdinalIgnoreCase));

    private string Path()
    {
        var depth = _random.Next(10) switch { < 5 => 1, < 9 => 2, _ => 3 };
        return string.Concat(Enumerable.Range(0, depth).Select(_ => "\\" + Names[_random.Next(Names.Length)]));
    }

    private (int Offset, byte[] Data) Data()
    {
        var data = new byte[_random.Next(1, 100)];
        _random.NextBytes(data);
        return (_random.Next(MostBytes), data);
    }

    private void Log(string step)
    {
        _log.Enqueue(step);
        if (_log.Count > 40) _log.Dequeue();
    }

    private void Same<T>(string what, T expected, T actual)
    {
        if (EqualityComparer<T>.Default.Equals(expected, actual)) return;
        throw new InvalidOperationException($"seed {seed}, step {Steps}: {what} should be {expected}, is {actual}\n{string.Join('\n', _log)}");
    }

    private static string Hex(int status) => $"{status:X8}";
}
