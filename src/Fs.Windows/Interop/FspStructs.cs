using System.Runtime.InteropServices;

namespace SyncAgent.Fs.Windows.Interop;

/// <summary>FSP_FSCTL_VOLUME_PARAMS, version 1 (504 bytes). Times in milliseconds, 0xFFFFFFFF for ever.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal unsafe struct VolumeParams
{
    public const int Length = 504;
    public const int FileSystemNameLength = 16;

    [FieldOffset(0)] public ushort Version;
    [FieldOffset(2)] public ushort SectorSize;
    [FieldOffset(4)] public ushort SectorsPerAllocationUnit;
    [FieldOffset(6)] public ushort MaxComponentLength;
    [FieldOffset(8)] public ulong VolumeCreationTime;
    [FieldOffset(16)] public uint VolumeSerialNumber;
    [FieldOffset(24)] public uint IrpTimeout;
    [FieldOffset(28)] public uint IrpCapacity;
    [FieldOffset(32)] public uint FileInfoTimeout;
    [FieldOffset(36)] public VolumeFlags Flags;
    [FieldOffset(40)] public fixed char Prefix[192];
    [FieldOffset(424)] public fixed char FileSystemName[FileSystemNameLength];
    [FieldOffset(456)] public TimeoutFlags TimeoutsGiven;
    [FieldOffset(460)] public uint VolumeInfoTimeout;
    [FieldOffset(464)] public uint DirInfoTimeout;
    [FieldOffset(468)] public uint SecurityTimeout;
    [FieldOffset(472)] public uint StreamInfoTimeout;
    [FieldOffset(476)] public uint EaTimeout;
    [FieldOffset(480)] public uint FsextControlCode;
}

/// <summary>FSP_FSCTL_VOLUME_INFO. The label's length is in bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal unsafe struct VolumeInfo
{
    public const int MaxLabel = 32;

    [FieldOffset(0)] public ulong TotalSize;
    [FieldOffset(8)] public ulong FreeSize;
    [FieldOffset(16)] public ushort LabelLength;
    [FieldOffset(18)] public fixed char Label[MaxLabel];
}

/// <summary>FSP_FSCTL_FILE_INFO. Times are FILETIME.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct FspFileInfo
{
    [FieldOffset(0)] public FileAttributes Attributes;
    [FieldOffset(4)] public uint ReparseTag;
    [FieldOffset(8)] public ulong AllocationSize;
    [FieldOffset(16)] public ulong FileSize;
    [FieldOffset(24)] public ulong CreationTime;
    [FieldOffset(32)] public ulong LastAccessTime;
    [FieldOffset(40)] public ulong LastWriteTime;
    [FieldOffset(48)] public ulong ChangeTime;
    [FieldOffset(56)] public ulong IndexNumber;
    [FieldOffset(64)] public uint HardLinks;
    [FieldOffset(68)] public uint EaSize;
}

/// <summary>FSP_FSCTL_OPEN_FILE_INFO: what the answer of Create and Open really points to. The size is in bytes: room before, length after.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal unsafe struct OpenFileInfo
{
    [FieldOffset(0)] public FspFileInfo FileInfo;
    [FieldOffset(72)] public char* NormalizedName;
    [FieldOffset(80)] public ushort NormalizedNameSize;
}

/// <summary>FSP_FSCTL_DIR_INFO: the name follows, without a zero at its end, and counts in the size.</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal struct DirInfo
{
    [FieldOffset(0)] public ushort Size;
    [FieldOffset(8)] public FspFileInfo FileInfo;
    [FieldOffset(80)] public ulong NextOffset;
}

/// <summary>FSP_FILE_SYSTEM, of which only two fields are looked at.</summary>
[StructLayout(LayoutKind.Explicit, Size = 792)]
internal unsafe struct FspFileSystem
{
    [FieldOffset(8)] public nint UserContext;
    [FieldOffset(752)] public char* MountPoint;
}

/// <summary>FSP_FILE_SYSTEM_OPERATION_CONTEXT: the request that the current thread carries out.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct OperationContext
{
    [FieldOffset(0)] public TransactRequest* Request;
    [FieldOffset(8)] public TransactResponse* Response;
}

/// <summary>Head of FSP_FSCTL_TRANSACT_REQ.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct TransactRequest
{
    [FieldOffset(2)] public ushort Size;
    [FieldOffset(4)] public uint Kind;
    [FieldOffset(8)] public ulong Hint;
}

/// <summary>FSP_FSCTL_TRANSACT_RSP.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal struct TransactResponse
{
    public const ushort Length = 128;

    [FieldOffset(2)] public ushort Size;
    [FieldOffset(4)] public uint Kind;
    [FieldOffset(8)] public ulong Hint;
    [FieldOffset(16)] public uint Information;
    [FieldOffset(20)] public int Status;
    [FieldOffset(24)] public FspFileInfo WriteFileInfo;
}
