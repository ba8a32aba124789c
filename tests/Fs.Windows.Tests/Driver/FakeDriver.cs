using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows.Tests.Driver;

/// <summary>
/// What stands between a Windows program and the adapter: the order in which WinFsp's driver and library call the function table, with the rules
/// that they keep themselves (one node for a name whatever its case, delete pending, no rename onto or above what is open).
/// Open files, names and the end of files are here; .Data has bytes, .Directories enumerations.
/// </summary>
internal sealed unsafe partial class FakeDriver(FakeWinFsp winFsp)
{
    public const uint ReadWrite = 0x1 | 0x2 | 0x4 | 0x80 | 0x100 | (uint)AccessRights.Delete;
    public const uint ReadOnly = 0x1 | 0x80;
    public const uint DeleteOnly = (uint)AccessRights.Delete | 0x80;
    public const int DeletePending = unchecked((int)0xC0000056);
    public const int IoTimeout = unchecked((int)0xC00000B5);

    private const int RoomForName = 1024;
    private const int MostAttempts = 30;
    private const uint CreateKind = 1;
    private const uint CleanupKind = 3;
    private const uint SetInformationKind = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileNode> _nodes = new(StringComparer.OrdinalIgnoreCase);

    public FspFileSystem* FileSystem => winFsp.FileSystem;

    private FspInterface* Table => winFsp.Table;

    /// <summary>NtCreateFile.</summary>
    public int Open(
        string path, Disposition disposition, out FileObject? file, uint access = ReadWrite, CreateOptions options = 0, uint attributes = 0x20, ulong allocation = 0)
    {
        file = null;
        winFsp.BeginQuick(CreateKind);
        lock (_lock)
        {
            if (_nodes.TryGetValue(path, out var open) && open.DeletePending) return DeletePending;
        }

        // The library's access check comes first: of the file, or of the folder that it is made in.
        var status = SecurityByName(path, out _, out _);
        var exists = status == NtStatus.Success;
        if (!exists && status != NtStatus.ObjectNameNotFound) return status;
        if (exists && disposition == Disposition.Create) return NtStatus.ObjectNameCollision;
        if (!exists && disposition is Disposition.Open or Disposition.Overwrite) return status;
        var name = stackalloc char[RoomForName];
        var info = new OpenFileInfo { NormalizedName = name, NormalizedNameSize = RoomForName * sizeof(char) };
        nint context = 0;
        fixed (char* given = path)
        {
            status = exists
                ? Table->Open(FileSystem, given, (uint)options, access, &context, &info)
                : Table->Create(FileSystem, given, (uint)options, access, attributes, null, allocation, &context, &info);
        }

        if (status != NtStatus.Success) return status;
        if (context == 0) throw new InvalidOperationException("no file context");
        var isNormalized = info.NormalizedNameSize < RoomForName * sizeof(char);
        var shown = isNormalized ? new string(name, 0, info.NormalizedNameSize / sizeof(char)) : path;
        if (!shown.Equals(path, StringComparison.OrdinalIgnoreCase)) throw new InvalidOperationException("a normalized name is another name");
        file = Insert(shown, context, access, options.HasFlag(CreateOptions.DeleteOnClose));
        if (!exists || disposition is Disposition.Open or Disposition.OpenIf) return NtStatus.Success;
        var over = default(FspFileInfo);
        status = Table->Overwrite(FileSystem, context, attributes, (byte)(disposition == Disposition.Supersede ? 1 : 0), allocation, &over);
        file.Modified = true;
        if (status == NtStatus.Success) return status;
        Close(file);
        file = null;
        return status;
    }

    /// <summary>CloseHandle; what is mapped stays referred to until <see cref="Unmap"/>.</summary>
    public void Close(FileObject file)
    {
        Cleanup(file);
        if (file.Mapped == 0) Release(file);
    }

    /// <summary>The last handle of a file object.</summary>
    public void Cleanup(FileObject file)
    {
        if (file.IsClosed) throw new InvalidOperationException("closed twice");
        file.IsClosed = true;
        winFsp.BeginQuick(CleanupKind);
        bool isLast;
        lock (_lock)
        {
            if (file.DeleteOnClose) file.Node.DeletePending = true;
            isLast = --file.Node.Handles == 0;
            if (isLast && file.Node.DeletePending) _nodes.Remove(file.Node.Path);
        }

        var flags = CleanupFlags.None;
        if (file is { Modified: true, TimeSet: false }) flags |= CleanupFlags.SetLastWriteTime | CleanupFlags.SetArchiveBit;
        if (!isLast || !file.Node.DeletePending)
        {
            Table->Cleanup(FileSystem, file.Context, null, (uint)flags);
            return;
        }

        fixed (char* name = file.Node.Path) Table->Cleanup(FileSystem, file.Context, name, (uint)(flags | CleanupFlags.Delete));
    }

    /// <summary>Nothing refers to a file object any more.</summary>
    public void Release(FileObject file)
    {
        Table->Close(FileSystem, file.Context);
        lock (_lock)
        {
            if (--file.Node.References == 0 && _nodes.GetValueOrDefault(file.Node.Path) == file.Node) _nodes.Remove(file.Node.Path);
        }
    }

    /// <summary>The last section of a closed file goes.</summary>
    public void Unmap(FileObject file)
    {
        if (--file.Mapped == 0 && file.IsClosed) Release(file);
    }

    /// <summary>FileDispositionInformation.</summary>
    public int SetDelete(FileObject file, bool delete)
    {
        winFsp.BeginQuick(SetInformationKind);
        if (delete)
        {
            // The library asks for read-only itself.
            var status = Info(file, out var info);
            if (status != NtStatus.Success) return status;
            if (info.Attributes.HasFlag(FileAttributes.ReadOnly)) return NtStatus.CannotDelete;
            fixed (char* name = file.Node.Path) status = Table->CanDelete(FileSystem, file.Context, name);
            if (status != NtStatus.Success) return status;
        }

        lock (_lock) file.Node.DeletePending = delete;
        return NtStatus.Success;
    }

    /// <summary>FileRenameInformation.</summary>
    public int Rename(FileObject file, string target, bool replace)
    {
        winFsp.BeginQuick(SetInformationKind);
        var from = file.Node.Path;
        lock (_lock)
        {
            var isOther = _nodes.TryGetValue(target, out var open) && open != file.Node;
            if (isOther && replace) return NtStatus.AccessDenied;
            if (_nodes.Keys.Any(path => path.StartsWith(from + "\\", StringComparison.OrdinalIgnoreCase))) return NtStatus.AccessDenied;
        }

        int status;
        fixed (char* old = from, renamed = target) status = Table->Rename(FileSystem, file.Context, old, renamed, (byte)(replace ? 1 : 0));
        if (status != NtStatus.Success) return status;
        lock (_lock)
        {
            _nodes.Remove(from);
            file.Node.Path = target;
            _nodes[target] = file.Node;
        }

        return status;
    }

    /// <summary>Opens, or fails the test.</summary>
    public FileObject Must(string path, Disposition disposition, uint access = ReadWrite, CreateOptions options = 0, ulong allocation = 0)
    {
        // A first listing that takes longer than a second is asked for again, as whoever is told so would.
        var status = IoTimeout;
        FileObject? file = null;
        for (var attempt = 0; status == IoTimeout && attempt < MostAttempts; attempt++)
            status = Open(path, disposition, out file, access, options, allocation: allocation);
        Assert.Equal(0, status);
        return file!;
    }

    public int SecurityByName(string path, out FileAttributes attributes, out byte[] descriptor)
    {
        uint found = 0;
        nuint size = 0;
        var buffer = new byte[256];
        int status;
        fixed (char* name = path)
        fixed (byte* room = buffer)
        {
            status = Table->GetSecurityByName(FileSystem, name, &found, room, &size);
            if (status == NtStatus.BufferOverflow) status = Table->GetSecurityByName(FileSystem, name, &found, room, &size);
        }

        attributes = (FileAttributes)found;
        descriptor = buffer[..(int)size];
        return status;
    }

    private FileObject Insert(string path, nint context, uint access, bool deleteOnClose)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(path, out var node)) _nodes[path] = node = new FileNode(path);
            node.Handles++;
            node.References++;
            return new FileObject(node, context, access) { DeleteOnClose = deleteOnClose };
        }
    }
}
