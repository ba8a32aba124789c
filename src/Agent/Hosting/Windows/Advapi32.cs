using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>The service control manager and the event log. Functions that return an int give 0 on failure and set the last error, as those that
/// return a handle give 0.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class Advapi32
{
    public const uint ManagerAllAccess = 0xF003F;
    public const uint ManagerConnect = 1;
    public const uint ServiceAllAccess = 0xF01FF;
    public const uint ServiceQueryStatus = 4;
    public const uint ServiceQueryConfig = 1;
    public const uint OwnProcess = 0x10;
    public const uint AutoStart = 2;
    public const uint ErrorNormal = 1;
    public const uint NoChange = 0xFFFFFFFF;

    public const uint ControlStop = 1;
    public const uint ControlInterrogate = 4;
    public const uint ControlPreshutdown = 0xF;
    public const uint AcceptStop = 1;
    public const uint AcceptPreshutdown = 0x100;

    public const uint Stopped = 1;
    public const uint StartPending = 2;
    public const uint StopPending = 3;
    public const uint Running = 4;

    public const uint ConfigDescription = 1;
    public const uint ConfigFailureActions = 2;
    public const uint ConfigPreshutdown = 7;

    public const int ErrorAccessDenied = 5;
    public const int ErrorServiceDoesNotExist = 1060;
    public const int ErrorServiceNotActive = 1062;
    public const int ErrorNoService = 1063; // ERROR_FAILED_SERVICE_CONTROLLER_CONNECT
    public const uint ErrorServiceSpecific = 1066;

    public const ushort EventError = 1;
    public const ushort EventWarning = 2;

    [LibraryImport("advapi32", EntryPoint = "OpenSCManagerW", SetLastError = true)]
    public static partial nint OpenManager(char* machine, char* database, uint access);

    [LibraryImport("advapi32", EntryPoint = "OpenServiceW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint OpenService(nint manager, string name, uint access);

    [LibraryImport("advapi32", EntryPoint = "CreateServiceW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint CreateService(
        nint manager, string name, string displayName, uint access, uint type, uint start, uint error, string commandLine, char* group, uint* tag, char* dependencies, char* user, char* password);

    [LibraryImport("advapi32", EntryPoint = "ChangeServiceConfigW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial int ChangeServiceConfig(
        nint service, uint type, uint start, uint error, string commandLine, char* group, uint* tag, char* dependencies, char* user, char* password, char* displayName);

    [LibraryImport("advapi32", EntryPoint = "ChangeServiceConfig2W", SetLastError = true)]
    public static partial int ChangeServiceConfig2(nint service, uint level, void* information);

    [LibraryImport("advapi32", EntryPoint = "QueryServiceConfigW", SetLastError = true)]
    public static partial int QueryServiceConfig(nint service, void* buffer, uint size, uint* needed);

    [LibraryImport("advapi32", EntryPoint = "StartServiceW", SetLastError = true)]
    public static partial int StartService(nint service, uint count, char** arguments);

    [LibraryImport("advapi32", SetLastError = true)]
    public static partial int ControlService(nint service, uint control, ServiceStatus* status);

    [LibraryImport("advapi32", SetLastError = true)]
    public static partial int QueryServiceStatusEx(nint service, uint level, ServiceProcess* status, uint size, uint* needed);

    [LibraryImport("advapi32", SetLastError = true)]
    public static partial int DeleteService(nint service);

    [LibraryImport("advapi32")]
    public static partial int CloseServiceHandle(nint handle);

    [LibraryImport("advapi32", EntryPoint = "StartServiceCtrlDispatcherW", SetLastError = true)]
    public static partial int StartServiceCtrlDispatcher(ServiceEntry* table);

    [LibraryImport("advapi32", EntryPoint = "RegisterServiceCtrlHandlerExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint RegisterServiceCtrlHandlerEx(string name, delegate* unmanaged<uint, uint, void*, void*, uint> handler, void* context);

    [LibraryImport("advapi32", SetLastError = true)]
    public static partial int SetServiceStatus(nint service, ServiceStatus* status);

    [LibraryImport("advapi32", EntryPoint = "RegisterEventSourceW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint RegisterEventSource(string? server, string source);

    [LibraryImport("advapi32", EntryPoint = "ReportEventW", SetLastError = true)]
    public static partial int ReportEvent(nint log, ushort type, ushort category, uint id, void* user, ushort strings, uint dataSize, char** text, void* data);

    [LibraryImport("advapi32")]
    public static partial int DeregisterEventSource(nint log);

    /// <summary>SERVICE_STATUS.</summary>
    public struct ServiceStatus
    {
        public uint Type;
        public uint State;
        public uint Accepted;
        public uint ExitCode;
        public uint SpecificExitCode;
        public uint CheckPoint;
        public uint WaitHint;
    }

    /// <summary>SERVICE_STATUS_PROCESS.</summary>
    public struct ServiceProcess
    {
        public ServiceStatus Status;
        public uint ProcessId;
        public uint Flags;
    }

    /// <summary>SERVICE_TABLE_ENTRYW.</summary>
    public struct ServiceEntry
    {
        public char* Name;
        public delegate* unmanaged<uint, char**, void> Main;
    }

    /// <summary>SERVICE_FAILURE_ACTIONSW.</summary>
    public struct FailureActions
    {
        public uint ResetPeriod;
        public char* RebootMessage;
        public char* Command;
        public uint Count;
        public FailureAction* Actions;
    }

    /// <summary>SC_ACTION: type 1 restarts, delay in milliseconds.</summary>
    public struct FailureAction
    {
        public uint Type;
        public uint Delay;
    }

    /// <summary>The beginning of QUERY_SERVICE_CONFIGW.</summary>
    public struct ServiceConfig
    {
        public uint Type;
        public uint StartType;
        public uint ErrorControl;
        public char* CommandLine;
    }
}
