using System.Runtime.InteropServices;

namespace SyncAgent.Fs.Windows.Interop;

/// <summary>
/// The functions that WinFsp calls, on threads of its own. Each finds the drive, calls it and turns any exception into a status: none may reach
/// a native frame. Pointers that WinFsp may leave out are looked at here.
/// </summary>
internal static unsafe class Callbacks
{
    /// <summary>Fills the table; what is not named is not supported.</summary>
    public static void Fill(FspInterface* table) => *table = new FspInterface
    {
        GetVolumeInfo = &GetVolumeInfo,
        GetSecurityByName = &GetSecurityByName,
        Create = &Create,
        Open = &Open,
        Overwrite = &Overwrite,
        Cleanup = &Cleanup,
        Close = &Close,
        Read = &Read,
        Write = &Write,
        Flush = &Flush,
        GetFileInfo = &GetFileInfo,
        SetBasicInfo = &SetBasicInfo,
        SetFileSize = &SetFileSize,
        CanDelete = &CanDelete,
        Rename = &Rename,
        GetSecurity = &GetSecurity,
        ReadDirectory = &ReadDirectory,
        GetDirInfoByName = &GetDirInfoByName,
        DispatcherStopped = &DispatcherStopped,
    };

    private static WindowsFileSystem Drive(FspFileSystem* fs) => (WindowsFileSystem)GCHandle.FromIntPtr(fs->UserContext).Target!;

    [UnmanagedCallersOnly]
    private static int GetVolumeInfo(FspFileSystem* fs, VolumeInfo* volume)
    {
        var drive = Drive(fs);
        try
        {
            return drive.GetVolumeInfo(volume);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(GetVolumeInfo), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetSecurityByName(FspFileSystem* fs, char* name, uint* attributes, byte* descriptor, nuint* size)
    {
        var drive = Drive(fs);
        try
        {
            return drive.GetSecurityByName(new string(name), attributes, descriptor, size);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(GetSecurityByName), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int Create(
        FspFileSystem* fs, char* name, uint options, uint access, uint attributes, void* descriptor, ulong allocation, nint* context, OpenFileInfo* info)
    {
        var drive = Drive(fs);
        try
        {
            return drive.Create(new string(name), (CreateOptions)options, (FileAttributes)attributes, allocation, context, info);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(Create), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int Open(FspFileSystem* fs, char* name, uint options, uint access, nint* context, OpenFileInfo* info)
    {
        var drive = Drive(fs);
        try
        {
            return drive.Open(new string(name), (CreateOptions)options, (AccessRights)access, context, info);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(Open), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int Overwrite(FspFileSystem* fs, nint context, uint attributes, byte replace, ulong allocation, FspFileInfo* info)
    {
        var drive = Drive(fs);
        try
        {
            return drive.Overwrite(context, (FileAttributes)attributes, replace != 0, allocation, out *info);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(Overwrite), e);
        }
    }

    [UnmanagedCallersOnly]
    private static void Cleanup(FspFileSystem* fs, nint context, char* name, uint flags)
    {
        var drive = Drive(fs);
        try
        {
            drive.Cleanup(context, name is null ? null : new string(name), (CleanupFlags)flags);
        }
        catch (Exception e)
        {
            _ = drive.Fault(nameof(Cleanup), e);
        }
    }

    [UnmanagedCallersOnly]
    private static void Close(FspFileSystem* fs, nint context)
    {
        var drive = Drive(fs);
        try
        {
            drive.Close(context);
        }
        catch (Exception e)
        {
            _ = drive.Fault(nameof(Close), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int Read(FspFileSystem* fs, nint context, byte* buffer, ulong offset, uint length, uint* done)
    {
        var drive = Drive(fs);
        try
        {
            return drive.Read(context, buffer, offset, length, done);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(Read), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int Write(
        FspFileSystem* fs, nint context, byte* buffer, ulong offset, uint length, byte atEnd, byte constrained, uint* done, FspFileInfo* info)
    {
        var drive = Drive(fs);
        try
        {
            return drive.Write(context, buffer, offset, length, atEnd != 0, constrained != 0, out *done, out *info);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(Write), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int Flush(FspFileSystem* fs, nint context, FspFileInfo* info)
    {
        var drive = Drive(fs);
        try
        {
            var status = drive.Flush(context, out var flushed);
            if (info is not null) *info = flushed;
            return status;
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(Flush), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetFileInfo(FspFileSystem* fs, nint context, FspFileInfo* info)
    {
        var drive = Drive(fs);
        try
        {
            return drive.GetFileInfo(context, out *info);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(GetFileInfo), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int SetBasicInfo(
        FspFileSystem* fs, nint context, uint attributes, ulong creation, ulong access, ulong write, ulong change, FspFileInfo* info)
    {
        var drive = Drive(fs);
        try
        {
            return drive.SetBasicInfo(context, attributes, access, write, out *info);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(SetBasicInfo), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int SetFileSize(FspFileSystem* fs, nint context, ulong size, byte isAllocation, FspFileInfo* info)
    {
        var drive = Drive(fs);
        try
        {
            return drive.SetFileSize(context, size, isAllocation != 0, out *info);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(SetFileSize), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int CanDelete(FspFileSystem* fs, nint context, char* name)
    {
        var drive = Drive(fs);
        try
        {
            return drive.CanDelete(context);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(CanDelete), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int Rename(FspFileSystem* fs, nint context, char* from, char* to, byte replace)
    {
        var drive = Drive(fs);
        try
        {
            return drive.Rename(new string(from), new string(to), replace != 0);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(Rename), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetSecurity(FspFileSystem* fs, nint context, byte* descriptor, nuint* size)
    {
        var drive = Drive(fs);
        try
        {
            return drive.GetSecurity(descriptor, size);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(GetSecurity), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int ReadDirectory(FspFileSystem* fs, nint context, char* pattern, char* marker, byte* buffer, uint length, uint* done)
    {
        var drive = Drive(fs);
        try
        {
            return drive.ReadDirectory(context, marker is null ? null : new string(marker), buffer, length, done);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(ReadDirectory), e);
        }
    }

    [UnmanagedCallersOnly]
    private static int GetDirInfoByName(FspFileSystem* fs, nint context, char* name, DirInfo* info)
    {
        var drive = Drive(fs);
        try
        {
            return drive.GetDirInfoByName(context, new string(name), info);
        }
        catch (Exception e)
        {
            return drive.Fault(nameof(GetDirInfoByName), e);
        }
    }

    [UnmanagedCallersOnly]
    private static void DispatcherStopped(FspFileSystem* fs, byte normally)
    {
        var drive = Drive(fs);
        try
        {
            drive.Stopped(normally != 0);
        }
        catch (Exception e)
        {
            _ = drive.Fault(nameof(DispatcherStopped), e);
        }
    }
}
