using System.Runtime.InteropServices;

namespace SyncAgent.Fs.Windows.Interop;

/// <summary>The functions of winfsp-x64.dll that the adapter calls, as a table: tests fill it with functions of their own.</summary>
internal sealed unsafe class FspApi
{
    /// <summary>FspVersion: major in the upper half, minor in the lower.</summary>
    public required delegate* unmanaged<uint*, int> Version { get; init; }

    /// <summary>FspFileSystemPreflight: device, mount point or null.</summary>
    public required delegate* unmanaged<char*, char*, int> Preflight { get; init; }

    /// <summary>FspFileSystemCreate. Parameters and interface must stay until Delete.</summary>
    public required delegate* unmanaged<char*, VolumeParams*, FspInterface*, FspFileSystem**, int> Create { get; init; }

    /// <summary>FspFileSystemDelete.</summary>
    public required delegate* unmanaged<FspFileSystem*, void> Delete { get; init; }

    /// <summary>FspFileSystemSetMountPoint: "S:", a folder that does not exist, or null for the next free letter from Z: down.</summary>
    public required delegate* unmanaged<FspFileSystem*, char*, int> SetMountPoint { get; init; }

    /// <summary>FspFileSystemStartDispatcher: number of threads, 0 for its own choice.</summary>
    public required delegate* unmanaged<FspFileSystem*, uint, int> StartDispatcher { get; init; }

    /// <summary>FspFileSystemStopDispatcher: returns when no callback runs.</summary>
    public required delegate* unmanaged<FspFileSystem*, void> StopDispatcher { get; init; }

    /// <summary>FspFileSystemSendResponse: the answer to a request that was answered with STATUS_PENDING.</summary>
    public required delegate* unmanaged<FspFileSystem*, TransactResponse*, void> SendResponse { get; init; }

    /// <summary>FspFileSystemGetOperationContext: of this thread.</summary>
    public required delegate* unmanaged<OperationContext*> GetOperationContext { get; init; }

    /// <summary>FspFileSystemAddDirInfo: 0 when the buffer has no room; null ends the directory.</summary>
    public required delegate* unmanaged<DirInfo*, byte*, uint, uint*, byte> AddDirInfo { get; init; }

    /// <summary>Finds the functions in the loaded library.</summary>
    /// <exception cref="EntryPointNotFoundException">One is missing.</exception>
    public static FspApi Bind(nint library)
    {
        nint Export(string name) => NativeLibrary.GetExport(library, name);
        return new FspApi
        {
            Version = (delegate* unmanaged<uint*, int>)Export("FspVersion"),
            Preflight = (delegate* unmanaged<char*, char*, int>)Export("FspFileSystemPreflight"),
            Create = (delegate* unmanaged<char*, VolumeParams*, FspInterface*, FspFileSystem**, int>)Export("FspFileSystemCreate"),
            Delete = (delegate* unmanaged<FspFileSystem*, void>)Export("FspFileSystemDelete"),
            SetMountPoint = (delegate* unmanaged<FspFileSystem*, char*, int>)Export("FspFileSystemSetMountPoint"),
            StartDispatcher = (delegate* unmanaged<FspFileSystem*, uint, int>)Export("FspFileSystemStartDispatcher"),
            StopDispatcher = (delegate* unmanaged<FspFileSystem*, void>)Export("FspFileSystemStopDispatcher"),
            SendResponse = (delegate* unmanaged<FspFileSystem*, TransactResponse*, void>)Export("FspFileSystemSendResponse"),
            GetOperationContext = (delegate* unmanaged<OperationContext*>)Export("FspFileSystemGetOperationContext"),
            AddDirInfo = (delegate* unmanaged<DirInfo*, byte*, uint, uint*, byte>)Export("FspFileSystemAddDirInfo"),
        };
    }
}
