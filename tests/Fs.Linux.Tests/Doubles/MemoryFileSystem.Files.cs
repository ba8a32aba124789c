using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux.Tests.Doubles;

internal sealed partial class MemoryFileSystem
{
    public ValueTask<FsResult<OpenedFile>> CreateAsync(OpContext context, NodeId parent, string name, uint mode, OpenFlags flags)
    {
        lock (_lock)
        {
            var error = Child(parent, name, out var directory, out var child);
            if (error is null)
            {
                if (flags.HasFlag(OpenFlags.Exclusive)) return new(FsError.Exists);
                if (flags.HasFlag(OpenFlags.Truncate)) child.Resize(0);
                return new(NewHandle(child, flags, name));
            }

            if (directory is null || error.Kind != FsErrorKind.NotFound) return new(error);
            Calls.Enqueue($"create {name}");
            return new(NewHandle(Add(directory, name, NewNode(NodeKind.File, mode, context)), flags, name));
        }
    }

    public ValueTask<FsResult<OpenedFile>> OpenAsync(OpContext context, NodeId node, OpenFlags flags)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(node.Value, out var file)) return new(FsError.NotFound);
            var name = _nodes[file.Parent.Value].Children.FirstOrDefault(pair => pair.Value == file).Key ?? "";
            if (name.StartsWith("throw", StringComparison.Ordinal)) throw new InvalidOperationException("on purpose");
            if (flags.HasFlag(OpenFlags.Truncate))
            {
                file.Resize(0);
                if (flags.HasFlag(OpenFlags.ClearSetId)) file.ClearSetId();
            }

            Calls.Enqueue($"open {name} {flags}");
            return new(NewHandle(file, flags, name));
        }
    }

    public ValueTask<FsResult<int>> ReadAsync(OpContext context, HandleId handle, long offset, Memory<byte> buffer)
    {
        MemoryNode node;
        string name;
        lock (_lock)
        {
            if (!_handles.TryGetValue(handle.Value, out var open)) return new(FsError.BadHandle);
            (node, name) = (open.Node, open.Name);
            if (!name.StartsWith("slow", StringComparison.Ordinal) && !name.StartsWith("later", StringComparison.Ordinal))
                return new(node.Read(offset, buffer.Span));
        }

        return name.StartsWith("slow", StringComparison.Ordinal)
            ? ReadSlowlyAsync(context, node, offset, buffer)
            : ReadLaterAsync(node, offset, buffer);
    }

    public ValueTask<FsResult<int>> WriteAsync(
        OpContext context, HandleId handle, long offset, ReadOnlyMemory<byte> data, bool clearSetId)
    {
        lock (_lock)
        {
            if (!_handles.TryGetValue(handle.Value, out var open) || (open.Flags & OpenFlags.Write) == 0) return new(FsError.BadHandle);
            if (open.Name.StartsWith("full", StringComparison.Ordinal)) return new(FsError.NoSpace);
            if (!open.Name.StartsWith("later", StringComparison.Ordinal))
            {
                open.Node.Write(offset, data.Span);
                if (clearSetId) open.Node.ClearSetId();
                return new(data.Length);
            }
        }

        return WriteLaterAsync(handle, offset, data);
    }

    public ValueTask<FsResult<Nothing>> ClosedAsync(OpContext context, HandleId handle)
    {
        lock (_lock)
        {
            if (!_handles.TryGetValue(handle.Value, out var open)) return new(FsError.BadHandle);
            Calls.Enqueue($"closed {open.Name}");
            return open.Name.StartsWith("unclosable", StringComparison.Ordinal) ? new(FsError.NoSpace) : new(default(Nothing));
        }
    }

    public ValueTask<FsResult<Nothing>> ChangeSpaceAsync(
        OpContext context, HandleId handle, SpaceChange change, long offset, long length, bool keepSize, bool clearSetId)
    {
        Calls.Enqueue($"space {change} {offset} {length} {keepSize} {clearSetId}");
        return new(default(Nothing));
    }

    public ValueTask<FsResult<long>> SeekAsync(OpContext context, HandleId handle, long offset, bool data)
    {
        lock (_lock)
        {
            if (!_handles.TryGetValue(handle.Value, out var open)) return new(FsError.BadHandle);
            if (offset >= open.Node.Length) return new(FsError.NoData);
            return new(data ? offset : open.Node.Length);
        }
    }

    public ValueTask<FsResult<long>> CopyAsync(
        OpContext context, HandleId source, long sourceOffset, HandleId target, long targetOffset, long length, bool clearSetId)
    {
        lock (_lock)
        {
            var bytes = new byte[Math.Min(length, _handles[source.Value].Node.Length - sourceOffset)];
            _handles[source.Value].Node.Read(sourceOffset, bytes);
            _handles[target.Value].Node.Write(targetOffset, bytes);
            Calls.Enqueue($"copy {bytes.Length} {clearSetId}");
            return new(bytes.Length);
        }
    }

    public void Abandoned(HandleId handle) => Released(handle);

    public void Released(HandleId handle)
    {
        lock (_lock)
        {
            if (!_handles.Remove(handle.Value, out var open)) throw new InvalidOperationException("released twice");
            Calls.Enqueue($"released {open.Name}");
        }

        ReleaseSeen.Release();
    }

    public async ValueTask<FsResult<Nothing>> SyncAsync(OpContext context, HandleId handle)
    {
        await Task.Yield();
        lock (_lock)
        {
            if (!_handles.TryGetValue(handle.Value, out var open)) return FsError.BadHandle;
            Calls.Enqueue($"sync {open.Name}");
            return default(Nothing);
        }
    }

    private async ValueTask<FsResult<int>> ReadSlowlyAsync(OpContext context, MemoryNode node, long offset, Memory<byte> buffer)
    {
        SlowReadBegan.Release();
        try
        {
            await _thaw.Task.WaitAsync(context.Cancellation);
        }
        catch (OperationCanceledException)
        {
            SlowReadInterrupted.Release();
            return FsError.Interrupted;
        }

        lock (_lock) return node.Read(offset, buffer.Span);
    }

    private async ValueTask<FsResult<int>> ReadLaterAsync(MemoryNode node, long offset, Memory<byte> buffer)
    {
        await Task.Yield();
        lock (_lock) return node.Read(offset, buffer.Span);
    }

    private async ValueTask<FsResult<int>> WriteLaterAsync(HandleId handle, long offset, ReadOnlyMemory<byte> data)
    {
        await Task.Yield();
        lock (_lock)
        {
            _handles[handle.Value].Node.Write(offset, data.Span);
            return data.Length;
        }
    }
}
