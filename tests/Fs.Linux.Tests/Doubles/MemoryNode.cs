using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux.Tests.Doubles;

/// <summary>A node of <see cref="MemoryFileSystem"/>; guarded by its lock.</summary>
internal sealed class MemoryNode(NodeId id, NodeKind kind, uint mode)
{
    private byte[] _bytes = [];

    public NodeId Id { get; } = id;

    public NodeKind Kind { get; } = kind;

    public uint Mode { get; set; } = mode;

    public uint Uid { get; set; }

    public uint Gid { get; set; }

    public long AccessTime { get; set; }

    public long ModifyTime { get; set; }

    public long ChangeTime { get; set; }

    public uint Links { get; set; } = 1;

    public string Target { get; init; } = "";

    public NodeId Parent { get; set; }

    public SortedDictionary<string, MemoryNode> Children { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, byte[]> Attributes { get; } = [];

    /// <summary>What the kernel has of it is not to be kept at the next open.</summary>
    public bool HasOldPages { get; set; }

    public int Length { get; private set; }

    public int Read(long offset, Span<byte> target)
    {
        if (offset >= Length) return 0;
        var part = _bytes.AsSpan((int)offset, Math.Min(target.Length, Length - (int)offset));
        part.CopyTo(target);
        return part.Length;
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        var end = (int)offset + data.Length;
        if (end > Length) Resize(end);
        data.CopyTo(_bytes.AsSpan((int)offset));
    }

    public void Resize(long length)
    {
        if (length > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Max(length, _bytes.Length * 2L));
        if (length < Length) _bytes.AsSpan((int)length, Length - (int)length).Clear();
        Length = (int)length;
    }

    public void ClearSetId()
    {
        if (Kind != NodeKind.File) return;
        Mode &= ~0x800u;
        if ((Mode & 0x8) != 0) Mode &= ~0x400u;
    }

    public NodeAttributes ToAttributes() => new(
        Id, Kind, Kind == NodeKind.Symlink ? Target.Length : Length, Mode, Uid, Gid, AccessTime, ModifyTime, ChangeTime, Links)
    {
        CacheFor = TimeSpan.FromSeconds(60),
    };
}
