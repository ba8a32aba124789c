using SyncAgent.Fs.Core;
using SyncAgent.Model.Tests.Operations;
using SyncAgent.Model.Tests.Reference;

namespace SyncAgent.Model.Tests.Systems;

/// <summary>
/// A <see cref="CoreFileSystem"/> as a kernel without caches would use it: path look-up, descriptors, and the checks that Linux
/// makes before it asks the file system are here; everything else is the file system's answer.
/// </summary>
internal sealed class CoreFolder(CoreFileSystem files) : ICallable
{
    private static readonly OpContext Caller = new() { Uid = 1000, Gid = 1000 };

    private readonly Dictionary<int, Descriptor> _slots = [];

    public Outcome Answer(Call call) => call switch
    {
        Open open => OpenFile(open),
        Close close => CloseSlot(close.Slot),
        Write write => WriteBytes(write),
        Read read => ReadBytes(read),
        TruncateHandle cut => Cut(cut),
        TruncatePath cut => Change(cut.Path, NodeKind.File, new AttributeChanges { Size = cut.Size }),
        Fsync sync => Sync(sync),
        Rename rename => Move(rename),
        Unlink unlink => OnName(unlink.Path, (parent, name) => Wait(files.UnlinkAsync(Caller, parent, name))),
        MakeDirectory make => OnName(make.Path, (parent, name) => Wait(files.MakeDirectoryAsync(Caller, parent, name, make.Permissions & ~ModelTree.ModelUmask))),
        RemoveDirectory remove => OnName(remove.Path, (parent, name) => Wait(files.RemoveDirectoryAsync(Caller, parent, name))),
        MakeLink link => OnName(link.Path, (parent, name) => Wait(files.MakeSymlinkAsync(Caller, parent, name, link.Target))),
        ReadLink link => ReadTarget(link),
        ChangeMode mode => Change(mode.Path, null, new AttributeChanges { Mode = mode.Permissions }),
        ChangeTime time => SetTime(time),
        Stat stat => Status(stat),
        ReadDirectory read => List(read),
        _ => throw new NotSupportedException(call.GetType().Name),
    };

    private Outcome OpenFile(Open open)
    {
        CloseSlot(open.Slot);
        if (Parent(open.Path, out var parent, out var name) is { } error) return error;
        var found = Value(files.LookupAsync(Caller, parent, name));
        if (found.Error is { Kind: not FsErrorKind.NotFound } failed) return Failure(failed);
        var (read, write) = (open.Mode.HasFlag(OpenMode.Read), open.Mode.HasFlag(OpenMode.Write));
        var flags = (read ? OpenFlags.Read : 0) | (write ? OpenFlags.Write : 0) | (open.Mode.HasFlag(OpenMode.Truncate) ? OpenFlags.Truncate : 0);
        FsResult<OpenedFile> opened;
        if (found.Error is not null)
        {
            if (!open.Mode.HasFlag(OpenMode.Create)) return Failure(found.Error);
            if (open.Mode.HasFlag(OpenMode.Exclusive)) flags |= OpenFlags.Exclusive;
            opened = Value(files.CreateAsync(Caller, parent, name, open.Permissions & ~ModelTree.ModelUmask, flags));
        }
        else
        {
            if (open.Mode.HasFlag(OpenMode.Create | OpenMode.Exclusive)) return new Outcome(Errno.Exists);
            if (found.Value.Kind == NodeKind.Symlink) return new Outcome(Errno.LinkLoop);
            if (found.Value.Kind == NodeKind.Directory)
            {
                if (open.Mode != OpenMode.Read) return new Outcome(Errno.IsDirectory);
                _slots[open.Slot] = new Descriptor(found.Value.Id, null, true, false, false);
                return Outcome.Done;
            }

            opened = Value(files.OpenAsync(Caller, found.Value.Id, flags));
        }

        if (opened.Error is { } refused) return Failure(refused);
        _slots[open.Slot] = new Descriptor(opened.Value.Attributes.Id, opened.Value.Handle, read, write, open.Mode.HasFlag(OpenMode.Append));
        return Outcome.Done;
    }

    private Outcome CloseSlot(int slot)
    {
        if (!_slots.Remove(slot, out var opened)) return new Outcome(Errno.BadHandle);
        if (opened.Handle is not { } handle) return Outcome.Done;
        var closed = Wait(files.ClosedAsync(Caller, handle));
        files.Released(handle);
        return closed;
    }

    private Outcome WriteBytes(Write write)
    {
        if (!_slots.TryGetValue(write.Slot, out var opened) || !opened.CanWrite) return new Outcome(Errno.BadHandle);
        long offset = write.Offset;
        if (opened.Appends)
        {
            var attributes = Value(files.GetAttributesAsync(Caller, opened.Node, opened.Handle));
            if (attributes.Error is { } error) return Failure(error);
            offset = attributes.Value.Size;
        }

        var written = Value(files.WriteAsync(Caller, opened.Handle!.Value, offset, Pattern.Of(write.Length, write.Seed), clearSetId: false));
        return written.Error is { } failed ? Failure(failed) : new Outcome(0, $"{written.Value}");
    }

    private Outcome ReadBytes(Read read)
    {
        if (!_slots.TryGetValue(read.Slot, out var opened) || !opened.CanRead) return new Outcome(Errno.BadHandle);
        if (opened.Handle is not { } handle) return new Outcome(Errno.IsDirectory);
        var buffer = new byte[read.Length];
        var count = Value(files.ReadAsync(Caller, handle, read.Offset, buffer));
        return count.Error is { } error ? Failure(error) : new Outcome(0, "", buffer[..count.Value]);
    }

    private Outcome Cut(TruncateHandle cut)
    {
        if (!_slots.TryGetValue(cut.Slot, out var opened)) return new Outcome(Errno.BadHandle);
        if (!opened.CanWrite) return new Outcome(Errno.Invalid);
        return Wait(files.SetAttributesAsync(Caller, opened.Node, opened.Handle, new AttributeChanges { Size = cut.Size }));
    }

    private Outcome Sync(Fsync sync)
    {
        if (!_slots.TryGetValue(sync.Slot, out var opened)) return new Outcome(Errno.BadHandle);
        return opened.Handle is { } handle ? Wait(files.SyncAsync(Caller, handle)) : Wait(files.SyncDirectoryAsync(Caller, opened.Node));
    }

    private Outcome Move(Rename rename)
    {
        if (Parent(rename.From, out var from, out var formerName) is { } sourceError) return sourceError;
        if (Parent(rename.To, out var to, out var newName) is { } targetError) return targetError;
        var source = Value(files.LookupAsync(Caller, from, formerName));
        if (source.Error is { } missing) return Failure(missing);
        if (rename.Kind != RenameKind.Exchange && rename.From.StartsWith(rename.To + "/", StringComparison.Ordinal))
        {
            return new Outcome(rename.Kind == RenameKind.NoReplace ? Errno.Exists : Errno.NotEmpty);
        }

        return Wait(files.RenameAsync(Caller, from, formerName, to, newName, rename.Kind switch
        {
            RenameKind.NoReplace => RenameMode.NoReplace,
            RenameKind.Exchange => RenameMode.Exchange,
            _ => RenameMode.Replace,
        }));
    }

    private Outcome ReadTarget(ReadLink link)
    {
        if (Find(link.Path, out var node) is { } error) return error;
        var target = Value(files.ReadSymlinkAsync(Caller, node.Id));
        return target.Error is { } failed ? Failure(failed) : new Outcome(0, target.Value);
    }

    private Outcome SetTime(ChangeTime time)
    {
        if (Find(time.Path, out var node) is { } error) return error;
        return Wait(files.SetAttributesAsync(Caller, node.Id, null, new AttributeChanges { ModifyTime = time.Nanoseconds }));
    }

    // chmod and truncate follow links, and these lead nowhere.
    private Outcome Change(string path, NodeKind? only, AttributeChanges changes)
    {
        if (Find(path, out var node) is { } error) return error;
        if (node.Kind == NodeKind.Symlink) return new Outcome(Errno.NotFound);
        if (only == NodeKind.File && node.Kind == NodeKind.Directory) return new Outcome(Errno.IsDirectory);
        return Wait(files.SetAttributesAsync(Caller, node.Id, null, changes));
    }

    private Outcome Status(Stat stat)
    {
        if (Find(stat.Path, out var node) is { } error) return error;
        var kind = node.Kind switch { NodeKind.File => "file", NodeKind.Directory => "directory", NodeKind.Symlink => "link", var other => other.ToString() };
        return new Outcome(0, Status: new NodeStatus(kind, node.Mode, node.Kind == NodeKind.Directory ? 0 : node.Size, node.ModifyTime));
    }

    private Outcome List(ReadDirectory read)
    {
        var id = files.Root;
        if (read.Path.Length > 0)
        {
            if (Find(read.Path, out var node) is { } error) return error;
            if (node.Kind == NodeKind.Symlink) return new Outcome(Errno.NotFound);
            id = node.Id;
        }

        var listed = Value(files.OpenDirectoryAsync(Caller, id));
        return listed.Error is { } failed
            ? Failure(failed)
            : new Outcome(0, string.Join('/', listed.Value.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal)));
    }

    private Outcome OnName(string path, Func<NodeId, string, Outcome> act) => Parent(path, out var parent, out var name) is { } error ? error : act(parent, name);

    private Outcome? Find(string path, out NodeAttributes node)
    {
        node = default;
        if (Parent(path, out var parent, out var name) is { } error) return error;
        var found = Value(files.LookupAsync(Caller, parent, name));
        if (found.Error is { } missing) return Failure(missing);
        node = found.Value;
        return null;
    }

    private Outcome? Parent(string path, out NodeId parent, out string name)
    {
        parent = files.Root;
        var names = path.Split('/');
        name = names[^1];
        foreach (var step in names[..^1])
        {
            var found = Value(files.LookupAsync(Caller, parent, step));
            if (found.Error is { } error) return Failure(error);
            if (found.Value.Kind == NodeKind.Symlink) return new Outcome(Errno.NotFound);
            if (found.Value.Kind != NodeKind.Directory) return new Outcome(Errno.NotDirectory);
            parent = found.Value.Id;
        }

        return null;
    }

    private static FsResult<T> Value<T>(ValueTask<FsResult<T>> result) => result.IsCompleted ? result.Result : result.AsTask().WaitAsync(TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();

    private static Outcome Wait<T>(ValueTask<FsResult<T>> result) => Value(result).Error is { } error ? Failure(error) : Outcome.Done;

    private static Outcome Failure(FsError error) => new(
        error.Kind switch
        {
            FsErrorKind.NotFound => Errno.NotFound,
            FsErrorKind.Exists => Errno.Exists,
            FsErrorKind.NotDirectory => Errno.NotDirectory,
            FsErrorKind.IsDirectory => Errno.IsDirectory,
            FsErrorKind.NotEmpty => Errno.NotEmpty,
            FsErrorKind.InvalidArgument => Errno.Invalid,
            FsErrorKind.BadHandle => Errno.BadHandle,
            var other => -(int)other - 1,
        },
        error.Message);

    private sealed record Descriptor(NodeId Node, HandleId? Handle, bool CanRead, bool CanWrite, bool Appends);
}
