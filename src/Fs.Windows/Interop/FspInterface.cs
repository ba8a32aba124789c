using System.Runtime.InteropServices;

namespace SyncAgent.Fs.Windows.Interop;

/// <summary>FSP_FILE_SYSTEM_INTERFACE: 64 functions; null where a request is not supported. BOOLEAN is a byte, the file context a number of
/// <see cref="OpenContexts"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = Slots * 8)]
internal unsafe struct FspInterface
{
    public const int Slots = 64;

    [FieldOffset(0 * 8)] public delegate* unmanaged<FspFileSystem*, VolumeInfo*, int> GetVolumeInfo;
    [FieldOffset(2 * 8)] public delegate* unmanaged<FspFileSystem*, char*, uint*, byte*, nuint*, int> GetSecurityByName;
    [FieldOffset(3 * 8)] public delegate* unmanaged<FspFileSystem*, char*, uint, uint, uint, void*, ulong, nint*, OpenFileInfo*, int> Create;
    [FieldOffset(4 * 8)] public delegate* unmanaged<FspFileSystem*, char*, uint, uint, nint*, OpenFileInfo*, int> Open;
    [FieldOffset(5 * 8)] public delegate* unmanaged<FspFileSystem*, nint, uint, byte, ulong, FspFileInfo*, int> Overwrite;
    [FieldOffset(6 * 8)] public delegate* unmanaged<FspFileSystem*, nint, char*, uint, void> Cleanup;
    [FieldOffset(7 * 8)] public delegate* unmanaged<FspFileSystem*, nint, void> Close;
    [FieldOffset(8 * 8)] public delegate* unmanaged<FspFileSystem*, nint, byte*, ulong, uint, uint*, int> Read;
    [FieldOffset(9 * 8)] public delegate* unmanaged<FspFileSystem*, nint, byte*, ulong, uint, byte, byte, uint*, FspFileInfo*, int> Write;
    [FieldOffset(10 * 8)] public delegate* unmanaged<FspFileSystem*, nint, FspFileInfo*, int> Flush;
    [FieldOffset(11 * 8)] public delegate* unmanaged<FspFileSystem*, nint, FspFileInfo*, int> GetFileInfo;
    [FieldOffset(12 * 8)] public delegate* unmanaged<FspFileSystem*, nint, uint, ulong, ulong, ulong, ulong, FspFileInfo*, int> SetBasicInfo;
    [FieldOffset(13 * 8)] public delegate* unmanaged<FspFileSystem*, nint, ulong, byte, FspFileInfo*, int> SetFileSize;
    [FieldOffset(14 * 8)] public delegate* unmanaged<FspFileSystem*, nint, char*, int> CanDelete;
    [FieldOffset(15 * 8)] public delegate* unmanaged<FspFileSystem*, nint, char*, char*, byte, int> Rename;
    [FieldOffset(16 * 8)] public delegate* unmanaged<FspFileSystem*, nint, byte*, nuint*, int> GetSecurity;
    [FieldOffset(18 * 8)] public delegate* unmanaged<FspFileSystem*, nint, char*, char*, byte*, uint, uint*, int> ReadDirectory;
    [FieldOffset(24 * 8)] public delegate* unmanaged<FspFileSystem*, nint, char*, DirInfo*, int> GetDirInfoByName;
    [FieldOffset(32 * 8)] public delegate* unmanaged<FspFileSystem*, byte, void> DispatcherStopped;
}
