using SyncAgent.Fs.Windows.Interop;
using SyncAgent.Fs.Windows.Tests.Driver;

namespace SyncAgent.Fs.Windows.Tests.Model;

/// <summary>What a drive should be for Windows programs, in memory. Statuses are those that a program sees.</summary>
internal sealed class WindowsModel
{
    public ModelNode Root { get; } = new(true) { Name = "" };

    public int Open(string path, Disposition disposition, bool writes, CreateOptions options, out ModelHandle? handle)
    {
        handle = null;
        var status = Find(path, out var parent, out var name, out var node);
        if (node is { DeletePending: true }) return FakeDriver.DeletePending;
        if (status != NtStatus.Success) return status;
        if (node is null)
        {
            if (disposition is Disposition.Open or Disposition.Overwrite) return NtStatus.ObjectNameNotFound;
            node = new ModelNode(options.HasFlag(CreateOptions.DirectoryFile)) { Name = name };
            parent!.Attach(node);
            handle = Take(node, writes, options);
            return NtStatus.Success;
        }

        if (disposition == Disposition.Create) return NtStatus.ObjectNameCollision;
        if (options.HasFlag(CreateOptions.DirectoryFile) && !node.IsFolder) return NtStatus.NotADirectory;
        if (options.HasFlag(CreateOptions.NonDirectoryFile) && node.IsFolder) return NtStatus.FileIsADirectory;
        if (disposition is not (Disposition.Open or Disposition.OpenIf))
        {
            if (node.IsFolder) return NtStatus.AccessDenied;
            node.Bytes = [];
            if (disposition == Disposition.Supersede) node.IsReadOnly = false;
        }

        handle = Take(node, writes, options);
        return NtStatus.Success;
    }

    /// <summary>The program's handle is closed; what is mapped is still referred to.</summary>
    public static void Close(ModelHandle handle)
    {
        var node = handle.Node;
        if (handle.DeleteOnClose) node.DeletePending = true;
        if (--node.Handles > 0 || !node.DeletePending) return;
        node.DeletePending = false;
        if (node.Children.Count == 0) node.Detach();
    }

    public static int SetDelete(ModelHandle handle, bool delete)
    {
        if (delete && handle.Node.IsReadOnly) return NtStatus.CannotDelete;
        if (delete && handle.Node.Children.Count > 0) return NtStatus.DirectoryNotEmpty;
        handle.Node.DeletePending = delete;
        return NtStatus.Success;
    }

    public int Rename(ModelHandle handle, string path, bool replace)
    {
        var moved = handle.Node;
        var status = Find(path, out var parent, out var name, out var target);
        var isOther = target is not null && target != moved;
        if (isOther && replace && target!.References > 0) return NtStatus.AccessDenied;
        if (moved.Below().Any(node => node.References > 0)) return NtStatus.AccessDenied;
        if (status != NtStatus.Success) return status;
        if (isOther && !replace) return NtStatus.ObjectNameCollision;
        if (isOther && (target!.IsFolder || moved.IsFolder)) return NtStatus.AccessDenied;
        if (parent == moved || moved.Below().Contains(parent)) return NtStatus.InvalidParameter;
        if (isOther)
        {
            name = target!.Name;
            target.Detach();
        }

        moved.Detach();
        moved.Name = name;
        parent!.Attach(moved);
        return NtStatus.Success;
    }

    public int List(string path, out IReadOnlyList<ModelNode> children)
    {
        children = [];
        var status = Find(path, out _, out _, out var node);
        if (node is { DeletePending: true }) return FakeDriver.DeletePending;
        if (status != NtStatus.Success) return status;
        if (node is null) return NtStatus.ObjectNameNotFound;
        if (!node.IsFolder) return NtStatus.NotADirectory;
        children = [.. node.Children.Values.OrderBy(child => child.Name, StringComparer.Ordinal)];
        return NtStatus.Success;
    }

    /// <summary>What the bucket must hold when everything is closed.</summary>
    public SortedDictionary<string, byte[]> Bucket() => new(
        Root.Below().ToDictionary(node => node.Key, node => node.Bytes), StringComparer.Ordinal);

    private static ModelHandle Take(ModelNode node, bool writes, CreateOptions options)
    {
        node.Handles++;
        node.References++;
        return new ModelHandle(node, writes, options.HasFlag(CreateOptions.DeleteOnClose));
    }

    private int Find(string path, out ModelNode? parent, out string name, out ModelNode? node)
    {
        (parent, name, node) = (Root, "", Root);
        foreach (var part in path.Split('\\', StringSplitOptions.RemoveEmptyEntries))
        {
            if (node is not { IsFolder: true })
            {
                node = null;
                return NtStatus.ObjectPathNotFound;
            }

            (parent, name) = (node, part);
            node = node.Children.GetValueOrDefault(part);
        }

        return NtStatus.Success;
    }
}

/// <summary>A file or folder of the model.</summary>
internal sealed class ModelNode(bool isFolder)
{
    public bool IsFolder { get; } = isFolder;

    public string Name { get; set; } = "";

    public ModelNode? Parent { get; private set; }

    public Dictionary<string, ModelNode> Children { get; } = new(StringComparer.OrdinalIgnoreCase);

    public byte[] Bytes { get; set; } = [];

    public bool IsReadOnly { get; set; }

    public bool DeletePending { get; set; }

    public int Handles { get; set; }

    public int References { get; set; }

    public string Key => (Parent is { Parent: not null } ? Parent.Key : "") + Name + (IsFolder ? "/" : "");

    public void Attach(ModelNode child)
    {
        Children.Add(child.Name, child);
        child.Parent = this;
    }

    public void Detach()
    {
        Parent?.Children.Remove(Name);
        Parent = null;
    }

    public IEnumerable<ModelNode> Below() => Children.Values.SelectMany(child => child.Below().Prepend(child));

    public void Write(int offset, byte[] data)
    {
        var bytes = new byte[Math.Max(Bytes.Length, offset + data.Length)];
        Bytes.CopyTo(bytes, 0);
        data.CopyTo(bytes, offset);
        Bytes = bytes;
    }

    public void Resize(int size)
    {
        var bytes = Bytes;
        Array.Resize(ref bytes, size);
        Bytes = bytes;
    }
}

/// <summary>A handle of a program.</summary>
internal sealed record ModelHandle(ModelNode Node, bool Writes, bool DeleteOnClose);
