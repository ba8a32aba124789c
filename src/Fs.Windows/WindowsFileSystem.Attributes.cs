using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>Attributes, sizes and security.</summary>
internal sealed partial class WindowsFileSystem
{
    /// <summary>Bytes of an allocation unit.</summary>
    internal const int AllocationUnit = 4096;

    private const uint NoAttributes = 0xFFFFFFFF;
    private const uint WriteBits = 0b010_010_010;
    private const uint OwnerWrites = 0b010_000_000;

    /// <summary>Slot 11.</summary>
    public int GetFileInfo(nint number, out FspFileInfo info)
    {
        info = default;
        if (_open.Find(number) is not { } opened) return NtStatus.FileClosed;
        using var call = Begin();
        return Describe(call.Operation, opened, out info);
    }

    /// <summary>Slot 12. Creation and change times are not kept; of the attributes only read-only is.</summary>
    public int SetBasicInfo(nint number, uint attributes, ulong accessTime, ulong writeTime, out FspFileInfo info)
    {
        info = default;
        if (_open.Find(number) is not { } opened) return NtStatus.FileClosed;
        using var call = Begin();
        var changes = new AttributeChanges
        {
            AccessTime = TimeOf(accessTime),
            ModifyTime = TimeOf(writeTime),
        };
        if (attributes is not (NoAttributes or 0))
        {
            var node = _wait.For(call.Operation, fileSystem.GetAttributesAsync(call.Context, opened.Node, opened.Handle));
            if (node.Error is { } unknown) return Fail(nameof(SetBasicInfo), unknown);
            changes = changes with { Mode = ModeFor(node.Value, (FileAttributes)attributes) };
        }

        if (changes != default)
        {
            var changed = _wait.For(call.Operation, fileSystem.SetAttributesAsync(call.Context, opened.Node, opened.Handle, changes));
            if (changed.Error is { } error) return Fail(nameof(SetBasicInfo), error);
        }

        if (changes.ModifyTime is { } time) (opened.WriteTime, opened.HasWrittenSince) = (time, false);
        return Describe(call.Operation, opened, out info);
    }

    /// <summary>Slot 13. An allocation beyond the end is only a reservation: the file gets no longer.</summary>
    public int SetFileSize(nint number, ulong size, bool isAllocation, out FspFileInfo info)
    {
        info = default;
        if (_open.Find(number) is not { } opened) return NtStatus.FileClosed;
        if (size > long.MaxValue) return NtStatus.InvalidParameter;
        if (opened.Kind != NodeKind.File) return NtStatus.AccessDenied;
        using var call = Begin();
        if (isAllocation)
        {
            var status = Describe(call.Operation, opened, out info);
            if (status != NtStatus.Success) return status;
            if (size >= info.FileSize)
            {
                if (Reserve(call.Operation, opened, (long)info.FileSize, (long)size) is { } refused) return Fail(nameof(SetFileSize), refused);
                return Describe(call.Operation, opened, out info);
            }
        }

        var changed = _wait.For(
            call.Operation, fileSystem.SetAttributesAsync(call.Context, opened.Node, opened.Handle, new AttributeChanges { Size = (long)size }));
        if (changed.Error is { } error) return Fail(nameof(SetFileSize), error);
        opened.HasWrittenSince = true;
        return Describe(call.Operation, opened, out info);
    }

    /// <summary>Slot 16.</summary>
    public unsafe int GetSecurity(byte* descriptor, nuint* size)
    {
        if (size is null) return NtStatus.Success;
        var room = *size;
        *size = (nuint)security.Length;
        if (room < (nuint)security.Length) return NtStatus.BufferOverflow;
        if (descriptor is not null) security.CopyTo(new Span<byte>(descriptor, security.Length));
        return NtStatus.Success;
    }

    /// <summary>Slot 2.</summary>
    public unsafe int GetSecurityByName(string path, uint* attributes, byte* descriptor, nuint* size)
    {
        using var call = Begin();
        var status = Find(call.Operation, path, out var place);
        if (status != NtStatus.Success) return status;
        if (place.Found is not { } found) return NtStatus.ObjectNameNotFound;
        if (attributes is not null)
        {
            var node = _wait.For(call.Operation, fileSystem.GetAttributesAsync(call.Context, found.Id, null));
            if (node.Error is { } error) return Fail(nameof(GetSecurityByName), error);
            *attributes = (uint)AttributesOf(node.Value);
        }

        return GetSecurity(descriptor, size);
    }

    private static FspFileInfo Describe(in NodeAttributes node)
    {
        var isFolder = node.Kind == NodeKind.Directory;
        var size = isFolder ? 0 : (ulong)node.Size;
        return new FspFileInfo
        {
            Attributes = AttributesOf(node),
            FileSize = size,
            AllocationSize = (size + AllocationUnit - 1) / AllocationUnit * AllocationUnit,

            // No time of creation is kept. The earlier of the two that are does not move when something is only renamed or read.
            CreationTime = FileTimes.FromUnix(Math.Min(node.ModifyTime, node.ChangeTime)),
            LastAccessTime = FileTimes.FromUnix(node.AccessTime),
            LastWriteTime = FileTimes.FromUnix(node.ModifyTime),
            ChangeTime = FileTimes.FromUnix(node.ChangeTime),
            IndexNumber = (ulong)node.Id.Value,
        };
    }

    private static FileAttributes AttributesOf(in NodeAttributes node)
    {
        if (node.Kind == NodeKind.Directory) return FileAttributes.Directory;
        var isReadOnly = node.Kind == NodeKind.File && (node.Mode & WriteBits) == 0;
        return FileAttributes.Archive | (isReadOnly ? FileAttributes.ReadOnly : 0);
    }

    // Of a folder read-only means something else in Windows: that the shell has decorated it.
    private static uint? ModeFor(in NodeAttributes node, FileAttributes attributes)
    {
        if (node.Kind != NodeKind.File) return null;
        var isReadOnly = (node.Mode & WriteBits) == 0;
        if (isReadOnly == attributes.HasFlag(FileAttributes.ReadOnly)) return null;
        return isReadOnly ? node.Mode | OwnerWrites : node.Mode & ~WriteBits;
    }

    // 0 is no change; -1 and -2 tell the system to stop and to go on keeping the time by itself (MS-FSCC 2.4.7).
    private static long? TimeOf(ulong fileTime) => fileTime is 0 or > long.MaxValue ? null : FileTimes.ToUnix(fileTime);

    private int Describe(Operation operation, OpenContext opened, out FspFileInfo info)
    {
        var node = _wait.For(operation, fileSystem.GetAttributesAsync(operation.Context, opened.Node, opened.Handle));
        info = node.Error is null ? Describe(node.Value) : default;
        return node.Error is { } error ? Fail(nameof(GetFileInfo), error) : NtStatus.Success;
    }

    // Where the local disk cannot reserve space, the reservation is only not made: Windows takes it for advice too.
    private FsError? Reserve(Operation operation, OpenContext opened, long size, long allocation)
    {
        if (allocation <= size || opened is not { CanWrite: true, Handle: { } handle }) return null;
        var taken = _wait.For(
            operation, fileSystem.ChangeSpaceAsync(operation.Context, handle, SpaceChange.Allocate, size, allocation - size, keepSize: true, clearSetId: false));
        return taken.Error is { Kind: not FsErrorKind.NotSupported } error ? error : null;
    }
}
