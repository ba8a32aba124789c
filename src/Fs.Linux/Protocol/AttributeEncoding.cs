using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux.Protocol;

/// <summary>Between the core's attributes and the kernel's.</summary>
internal static class AttributeEncoding
{
    /// <summary>st_blksize. Programs with a buffer of their own (stdio, Python) size it by this, so a larger value saves round
    /// trips to this process; the kernel's page cache works in pages whatever stands here.</summary>
    public const uint PreferredTransfer = 64 * 1024;

    private const long NanosPerSecond = 1_000_000_000;

    /// <summary>fuse_attr of a node.</summary>
    public static fuse_attr Encode(in NodeAttributes node)
    {
        var (accessSeconds, accessNanos) = Split(node.AccessTime);
        var (modifySeconds, modifyNanos) = Split(node.ModifyTime);
        var (changeSeconds, changeNanos) = Split(node.ChangeTime);
        return new fuse_attr
        {
            ino = (ulong)node.Id.Value,
            size = (ulong)node.Size,
            blocks = ((ulong)node.StoredBytes + 511) / 512,
            atime = accessSeconds,
            mtime = modifySeconds,
            ctime = changeSeconds,
            atimensec = accessNanos,
            mtimensec = modifyNanos,
            ctimensec = changeNanos,
            mode = KindBits(node.Kind) | (node.Mode & ModeBits.Permissions),
            nlink = node.LinkCount,
            uid = node.Uid,
            gid = node.Gid,
            blksize = PreferredTransfer,
        };
    }

    /// <summary>fuse_entry_out for a node that the kernel calls <paramref name="nodeId"/>.</summary>
    public static fuse_entry_out EncodeEntry(ulong nodeId, in NodeAttributes node)
    {
        var (seconds, nanos) = Split(node.CacheFor);
        return new fuse_entry_out
        {
            nodeid = nodeId,
            entry_valid = seconds,
            attr_valid = seconds,
            entry_valid_nsec = nanos,
            attr_valid_nsec = nanos,
            attr = Encode(node),
        };
    }

    /// <summary>A LOOKUP reply without a node: the kernel remembers that the name does not exist.</summary>
    public static fuse_entry_out EncodeAbsence(TimeSpan cacheFor)
    {
        var (seconds, nanos) = Split(cacheFor);
        return new fuse_entry_out { entry_valid = seconds, entry_valid_nsec = nanos };
    }

    /// <summary>fuse_attr_out of a node.</summary>
    public static fuse_attr_out EncodeAttributes(in NodeAttributes node)
    {
        var (seconds, nanos) = Split(node.CacheFor);
        return new fuse_attr_out { attr_valid = seconds, attr_valid_nsec = nanos, attr = Encode(node) };
    }

    /// <summary>What a SETATTR request asks for.</summary>
    public static AttributeChanges Decode(in fuse_setattr_in request)
    {
        var valid = (FuseSetAttrValid)request.valid;
        var accessNow = valid.HasFlag(FuseSetAttrValid.ATimeNow);
        var modifyNow = valid.HasFlag(FuseSetAttrValid.MTimeNow);
        var newOwner = (valid & (FuseSetAttrValid.Uid | FuseSetAttrValid.Gid)) != 0;
        return new AttributeChanges
        {
            Size = valid.HasFlag(FuseSetAttrValid.Size) ? (long)request.size : null,
            Mode = valid.HasFlag(FuseSetAttrValid.Mode) ? request.mode & ModeBits.Permissions : null,
            Uid = valid.HasFlag(FuseSetAttrValid.Uid) ? request.uid : null,
            Gid = valid.HasFlag(FuseSetAttrValid.Gid) ? request.gid : null,
            AccessTime = valid.HasFlag(FuseSetAttrValid.ATime) && !accessNow ? Join(request.atime, request.atimensec) : null,
            ModifyTime = valid.HasFlag(FuseSetAttrValid.MTime) && !modifyNow ? Join(request.mtime, request.mtimensec) : null,
            AccessTimeNow = accessNow,
            ModifyTimeNow = modifyNow,

            // HANDLE_KILLPRIV_V2 leaves chown to the file system: Linux clears the set-id bits of a file whoever changes its owner.
            ClearSetId = valid.HasFlag(FuseSetAttrValid.KillSuidGid) || (newOwner && !valid.HasFlag(FuseSetAttrValid.Mode)),
        };
    }

    /// <summary>S_IF* of a kind.</summary>
    public static uint KindBits(NodeKind kind) => kind switch
    {
        NodeKind.Directory => ModeBits.Directory,
        NodeKind.Symlink => ModeBits.Link,
        NodeKind.Fifo => ModeBits.Fifo,
        NodeKind.Socket => ModeBits.Socket,
        _ => ModeBits.Regular,
    };

    /// <summary>The kind that a mode names, or null for one that an object cannot be (devices).</summary>
    public static NodeKind? KindOf(uint mode) => (mode & ModeBits.KindMask) switch
    {
        ModeBits.Regular or 0 => NodeKind.File, // mknod(2): no type is a regular file
        ModeBits.Fifo => NodeKind.Fifo,
        ModeBits.Socket => NodeKind.Socket,
        _ => null,
    };

    private static (long Seconds, uint Nanos) Split(long nanoseconds)
    {
        var seconds = Math.DivRem(nanoseconds, NanosPerSecond, out var nanos);
        return nanos < 0 ? (seconds - 1, (uint)(nanos + NanosPerSecond)) : (seconds, (uint)nanos);
    }

    private static (ulong Seconds, uint Nanos) Split(TimeSpan span)
    {
        var ticks = Math.Max(0, span.Ticks);
        return ((ulong)(ticks / TimeSpan.TicksPerSecond), (uint)(ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick));
    }

    /// <summary>Nanoseconds since 1970, held at the ends of what 64 bits can say (years 1677 and 2262).</summary>
    private static long Join(long seconds, uint nanos)
    {
        var total = ((Int128)seconds * NanosPerSecond) + nanos;
        return (long)Int128.Clamp(total, long.MinValue, long.MaxValue);
    }
}
