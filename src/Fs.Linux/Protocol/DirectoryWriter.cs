using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux.Protocol;

/// <summary>Packs READDIR and READDIRPLUS records into a buffer until it is full.</summary>
/// <param name="space">No longer than the kernel asked for.</param>
internal ref struct DirectoryWriter(Span<byte> space)
{
    private readonly Span<byte> _space = space;

    /// <summary>Bytes packed.</summary>
    public int Length { get; private set; }

    /// <summary>Whether a READDIRPLUS record of this name fits; asked before a look-up that would have to be undone.</summary>
    public readonly bool HasRoomForPlus(string name) =>
        Align(Unsafe.SizeOf<fuse_direntplus>() + NameBytes.Count(name)) <= _space.Length - Length;

    /// <summary>Adds a record; false when it does not fit.</summary>
    /// <param name="inode">As users see it.</param>
    /// <param name="kind">Of the entry.</param>
    /// <param name="nextOffset">Where a reader that has taken this record goes on.</param>
    /// <param name="name">Of the entry.</param>
    public bool TryAdd(long inode, NodeKind kind, ulong nextOffset, string name) =>
        TryAdd(Head(inode, kind, nextOffset, name), name);

    /// <summary>Adds a record with attributes; false when it does not fit.</summary>
    /// <param name="entry">A nodeid of 0 tells the kernel only the name.</param>
    /// <param name="inode">As users see it.</param>
    /// <param name="kind">Of the entry.</param>
    /// <param name="nextOffset">Where a reader that has taken this record goes on.</param>
    /// <param name="name">Of the entry.</param>
    public bool TryAddPlus(in fuse_entry_out entry, long inode, NodeKind kind, ulong nextOffset, string name) =>
        TryAdd(new fuse_direntplus { entry_out = entry, dirent = Head(inode, kind, nextOffset, name) }, name);

    private static int Align(int length) => (length + 7) & ~7;

    private static fuse_dirent Head(long inode, NodeKind kind, ulong nextOffset, string name) => new()
    {
        ino = (ulong)inode,
        off = nextOffset,
        namelen = (uint)NameBytes.Count(name),
        type = AttributeEncoding.KindBits(kind) >> 12, // DT_* are the S_IF* bits shifted
    };

    private bool TryAdd<T>(in T head, string name)
        where T : unmanaged
    {
        var used = Unsafe.SizeOf<T>() + NameBytes.Count(name);
        var record = Align(used);
        if (record > _space.Length - Length) return false;
        var target = _space.Slice(Length, record);
        MemoryMarshal.Write(target, head);
        NameBytes.Write(name, target[Unsafe.SizeOf<T>()..]);
        target[used..].Clear();
        Length += record;
        return true;
    }
}
