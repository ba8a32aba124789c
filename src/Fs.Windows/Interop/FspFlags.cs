namespace SyncAgent.Fs.Windows.Interop;

/// <summary>Flags of <see cref="VolumeParams"/>; those that the adapter knows.</summary>
[Flags]
internal enum VolumeFlags : uint
{
    CaseSensitiveSearch = 0x1,
    CasePreservedNames = 0x2,
    UnicodeOnDisk = 0x4,
    PersistentAcls = 0x8,
    ReadOnlyVolume = 0x200,

    /// <summary>CLEANUP for unmodified handles is not sent. Never set: it is where a writer is counted out.</summary>
    PostCleanupWhenModifiedOnly = 0x400,

    /// <summary>Lets the driver ask for one name (slot 24).</summary>
    PassQueryDirectoryFileName = 0x2000,

    /// <summary>Mapped dirty pages are written before CLEANUP is sent.</summary>
    FlushAndPurgeOnCleanup = 0x4000,

    /// <summary>The file context is one for each open, not one for each file.</summary>
    UmFileContextIsUserContext2 = 0x10000,
}

/// <summary>Which of the timeouts of <see cref="VolumeParams"/> beyond the first are given.</summary>
[Flags]
internal enum TimeoutFlags : uint
{
    VolumeInfo = 1,
    DirInfo = 2,
    Security = 4,
}

/// <summary>What the driver tells with CLEANUP.</summary>
[Flags]
internal enum CleanupFlags : uint
{
    None = 0,
    Delete = 0x1,
    SetAllocationSize = 0x2,
    SetArchiveBit = 0x10,
    SetLastAccessTime = 0x20,
    SetLastWriteTime = 0x40,
    SetChangeTime = 0x80,
}

/// <summary>Create options (MS-FSCC, NtCreateFile) that matter here.</summary>
[Flags]
internal enum CreateOptions : uint
{
    None = 0,
    DirectoryFile = 0x1,
    NonDirectoryFile = 0x40,
    DeleteOnClose = 0x1000,
}

/// <summary>Access rights that matter here.</summary>
[Flags]
internal enum AccessRights : uint
{
    None = 0,
    ReadData = 0x1,
    WriteData = 0x2,
    AppendData = 0x4,
    WriteAttributes = 0x100,
    Delete = 0x10000,
    All = 0x1F01FF,
}
