namespace SyncAgent.Fs.Linux.Protocol;

/// <summary>Numbers of the FUSE protocol (include/uapi/linux/fuse.h) that are not enumerations.</summary>
internal static class FuseProtocol
{
    /// <summary>FUSE_KERNEL_VERSION.</summary>
    public const uint Major = 7;

    /// <summary>The newest minor whose layouts are in FuseAbi.cs; the kernel lowers itself to it.</summary>
    public const uint Minor = 41;

    /// <summary>Linux 5.4. Older kernels have shorter structs and lack flags that this adapter relies on.</summary>
    public const uint OldestMinor = 31;

    /// <summary>FUSE_ROOT_ID: the kernel's name for the mounted directory.</summary>
    public const ulong RootId = 1;

    /// <summary>Most bytes of one READ or WRITE: 256 pages, the kernel's default limit (fs.fuse.max_pages_limit).</summary>
    public const int MaxTransfer = 1 << 20;

    /// <summary>Pages of <see cref="MaxTransfer"/> (of 4 KiB).</summary>
    public const int MaxPages = MaxTransfer / 4096;

    /// <summary>Bytes of fuse_in_header.</summary>
    public const int InHeaderSize = 40;

    /// <summary>Bytes of fuse_out_header.</summary>
    public const int OutHeaderSize = 16;

    /// <summary>Where a WRITE's data starts in its request: after fuse_in_header and fuse_write_in.</summary>
    public const int WriteDataOffset = 80;

    /// <summary>NAME_MAX and XATTR_NAME_MAX.</summary>
    public const int MaxNameBytes = 255;

    /// <summary>PATH_MAX without the final zero: the longest symbolic link.</summary>
    public const int MaxLinkBytes = 4095;
}

/// <summary>enum fuse_opcode.</summary>
internal enum FuseOpcode : uint
{
    Lookup = 1,
    Forget = 2,
    GetAttr = 3,
    SetAttr = 4,
    ReadLink = 5,
    Symlink = 6,
    MkNod = 8,
    MkDir = 9,
    Unlink = 10,
    RmDir = 11,
    Rename = 12,
    Link = 13,
    Open = 14,
    Read = 15,
    Write = 16,
    StatFs = 17,
    Release = 18,
    FSync = 20,
    SetXAttr = 21,
    GetXAttr = 22,
    ListXAttr = 23,
    RemoveXAttr = 24,
    Flush = 25,
    Init = 26,
    OpenDir = 27,
    ReadDir = 28,
    ReleaseDir = 29,
    FSyncDir = 30,
    Access = 34,
    Create = 35,
    Interrupt = 36,
    Destroy = 38,
    IoCtl = 39,
    NotifyReply = 41,
    BatchForget = 42,
    FAllocate = 43,
    ReadDirPlus = 44,
    Rename2 = 45,
    LSeek = 46,
    CopyFileRange = 47,
    CopyFileRange64 = 53,
}

/// <summary>enum fuse_notify_code.</summary>
internal enum FuseNotifyCode
{
    InvalInode = 2,
    InvalEntry = 3,
}

/// <summary>INIT flags; bits 32 and up travel in flags2.</summary>
[Flags]
internal enum FuseInitFlags : ulong
{
    AsyncRead = 1UL << 0,
    AtomicOTrunc = 1UL << 3,
    BigWrites = 1UL << 5,
    DoReadDirPlus = 1UL << 13,
    ReadDirPlusAuto = 1UL << 14,
    ParallelDirOps = 1UL << 18,
    AbortError = 1UL << 21,
    MaxPages = 1UL << 22,
    HandleKillPrivV2 = 1UL << 28,
    InitExt = 1UL << 30,
}

/// <summary>FATTR_*: which fields of fuse_setattr_in count.</summary>
[Flags]
internal enum FuseSetAttrValid : uint
{
    Mode = 1 << 0,
    Uid = 1 << 1,
    Gid = 1 << 2,
    Size = 1 << 3,
    ATime = 1 << 4,
    MTime = 1 << 5,
    Fh = 1 << 6,
    ATimeNow = 1 << 7,
    MTimeNow = 1 << 8,
    KillSuidGid = 1 << 11,
}

/// <summary>FOPEN_*: what the kernel may do with an open file.</summary>
[Flags]
internal enum FuseOpenReply : uint
{
    DirectIo = 1 << 0,
    KeepCache = 1 << 1,
    NoFlush = 1 << 5,
}

/// <summary>Single flags of requests.</summary>
internal static class FuseFlags
{
    /// <summary>FUSE_GETATTR_FH.</summary>
    public const uint GetAttrFh = 1;

    /// <summary>FUSE_OPEN_KILL_SUIDGID.</summary>
    public const uint OpenKillSuidGid = 1;

    /// <summary>FUSE_WRITE_KILL_SUIDGID.</summary>
    public const uint WriteKillSuidGid = 4;

    /// <summary>RENAME_NOREPLACE.</summary>
    public const uint RenameNoReplace = 1;

    /// <summary>RENAME_EXCHANGE.</summary>
    public const uint RenameExchange = 2;

    /// <summary>XATTR_CREATE.</summary>
    public const uint XAttrCreate = 1;

    /// <summary>XATTR_REPLACE.</summary>
    public const uint XAttrReplace = 2;

    /// <summary>FALLOC_FL_KEEP_SIZE.</summary>
    public const uint FallocKeepSize = 1;

    /// <summary>FALLOC_FL_PUNCH_HOLE.</summary>
    public const uint FallocPunchHole = 2;

    /// <summary>FALLOC_FL_ZERO_RANGE.</summary>
    public const uint FallocZeroRange = 0x10;

    /// <summary>SEEK_DATA.</summary>
    public const uint SeekData = 3;

    /// <summary>SEEK_HOLE.</summary>
    public const uint SeekHole = 4;
}

/// <summary>open(2) flags as the kernel sends them (asm-generic values; the ones used here are the same on x64 and arm64).</summary>
internal static class OpenBits
{
    public const uint AccessMode = 3;
    public const uint WriteOnly = 1;
    public const uint ReadWrite = 2;
    public const uint Create = 0x40;
    public const uint Exclusive = 0x80;
    public const uint Truncate = 0x200;
}

/// <summary>S_IF*: the kind of a node inside a mode.</summary>
internal static class ModeBits
{
    public const uint KindMask = 0xF000;
    public const uint Fifo = 0x1000;
    public const uint Directory = 0x4000;
    public const uint Regular = 0x8000;
    public const uint Link = 0xA000;
    public const uint Socket = 0xC000;
    public const uint Permissions = 0xFFF;
}
