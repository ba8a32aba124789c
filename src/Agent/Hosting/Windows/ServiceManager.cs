using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32;
using SyncAgent.Agent.Cli;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>The service as the control manager of Windows sees it.</summary>
/// <param name="State">"stopped", "start-pending", "stop-pending", "running" ...</param>
/// <param name="Pid">Its process, or null.</param>
/// <param name="CommandLine">What is started.</param>
/// <param name="StartsByItself">Whether it does with the machine.</param>
internal sealed record WindowsServiceState(string State, int? Pid, string CommandLine, bool StartsByItself);

/// <summary>Installs, starts, stops and removes the service <see cref="WindowsService.Name"/>.</summary>
[SupportedOSPlatform("windows")]
internal sealed class ServiceManager : IDisposable
{
    private const string DisplayName = "SyncAgent drives";
    private const string Description = "Mounts buckets as drives and sends what is copied into them.";
    private const string EventSources = @"SYSTEM\CurrentControlSet\Services\EventLog\Application\" + WindowsService.Name;

    /// <summary>A part of every Windows that shows a text as it is.</summary>
    private const string PlainMessages = @"%SystemRoot%\Microsoft.NET\Framework64\v4.0.30319\EventLogMessages.dll";

    private const uint RestartDelay = 5_000;
    private const uint Day = 86_400;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly nint _manager;

    /// <summary>Connects.</summary>
    /// <param name="toChange">Whether services are to be made or removed.</param>
    /// <exception cref="CommandException">This user may not.</exception>
    public unsafe ServiceManager(bool toChange)
    {
        _manager = Advapi32.OpenManager(null, null, toChange ? Advapi32.ManagerAllAccess : Advapi32.ManagerConnect);
        if (_manager == 0) throw Failure("the service manager does not answer");
    }

    /// <summary>Makes the service, or gives the one that is there another command line.</summary>
    /// <returns>Whether it was there.</returns>
    public unsafe bool Put(string commandLine, TimeSpan stopTimeout)
    {
        var service = Advapi32.OpenService(_manager, WindowsService.Name, Advapi32.ServiceAllAccess);
        var existed = service != 0;
        if (!existed && Marshal.GetLastPInvokeError() != Advapi32.ErrorServiceDoesNotExist) throw Failure("the service cannot be opened");
        if (existed)
        {
            if (Advapi32.ChangeServiceConfig(service, Advapi32.NoChange, Advapi32.AutoStart, Advapi32.NoChange, commandLine, null, null, null, null, null, null) == 0)
                throw Failure("the service cannot be changed");
        }
        else
        {
            service = Advapi32.CreateService(
                _manager, WindowsService.Name, DisplayName, Advapi32.ServiceAllAccess, Advapi32.OwnProcess, Advapi32.AutoStart, Advapi32.ErrorNormal, commandLine, null, null, null, null, null);
            if (service == 0) throw Failure("the service cannot be made");
        }

        Describe(service, stopTimeout);
        _ = Advapi32.CloseServiceHandle(service);
        using var key = Registry.LocalMachine.CreateSubKey(EventSources);
        key.SetValue("EventMessageFile", PlainMessages, RegistryValueKind.ExpandString);
        key.SetValue("TypesSupported", 7);
        return existed;
    }

    /// <summary>Starts it and waits until its drives are mounted.</summary>
    /// <exception cref="CommandException">It ended.</exception>
    public async Task StartAsync(TimeProvider time, CancellationToken stop)
    {
        With(Start, "the service does not start");
        if (await WhileAsync(state => state == "start-pending", time, stop) != "running")
            throw new CommandException(ExitCodes.NeedsUser, "the service ended at once: agent.log in its state folder, and the event log (Application, source SyncAgent), say why.");
    }

    /// <summary>Stops it, and waits until it has ended.</summary>
    public async Task StopAsync(TimeProvider time, CancellationToken stop)
    {
        // One that is just starting takes no orders.
        await WhileAsync(state => state == "start-pending", time, stop);
        With(Stop, "the service cannot be stopped");
        await WhileAsync(state => state != "stopped", time, stop);
    }

    /// <summary>Removes it.</summary>
    public void Delete()
    {
        With(Advapi32.DeleteService, "the service cannot be removed");
        Registry.LocalMachine.DeleteSubKeyTree(EventSources, throwOnMissingSubKey: false);
    }

    /// <summary>How it is; null when there is none.</summary>
    public unsafe WindowsServiceState? Find()
    {
        var service = Advapi32.OpenService(_manager, WindowsService.Name, Advapi32.ServiceQueryStatus | Advapi32.ServiceQueryConfig);
        if (service == 0) return Marshal.GetLastPInvokeError() == Advapi32.ErrorServiceDoesNotExist ? null : throw Failure("the service cannot be opened");
        try
        {
            const int Largest = 8192; // of a configuration, says the documentation
            Advapi32.ServiceProcess status;
            uint needed;
            var buffer = stackalloc byte[Largest];
            if (Advapi32.QueryServiceStatusEx(service, 0, &status, (uint)sizeof(Advapi32.ServiceProcess), &needed) == 0) throw Failure("the service does not answer");
            if (Advapi32.QueryServiceConfig(service, buffer, Largest, &needed) == 0) throw Failure("the service cannot be read");
            var config = (Advapi32.ServiceConfig*)buffer;
            var state = status.Status.State switch
            {
                Advapi32.Stopped => "stopped",
                Advapi32.StartPending => "start-pending",
                Advapi32.StopPending => "stop-pending",
                Advapi32.Running => "running",
                _ => "paused",
            };
            return new WindowsServiceState(state, status.ProcessId > 0 ? (int)status.ProcessId : null, new string(config->CommandLine), config->StartType == Advapi32.AutoStart);
        }
        finally
        {
            _ = Advapi32.CloseServiceHandle(service);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Advapi32.CloseServiceHandle(_manager);

    private static unsafe int Start(nint service) => Advapi32.StartService(service, 0, null);

    private static unsafe int Stop(nint service)
    {
        Advapi32.ServiceStatus status;
        var done = Advapi32.ControlService(service, Advapi32.ControlStop, &status);
        return done != 0 || Marshal.GetLastPInvokeError() == Advapi32.ErrorServiceNotActive ? 1 : 0;
    }

    private static unsafe void Describe(nint service, TimeSpan stopTimeout)
    {
        fixed (char* text = Description)
        {
            var description = text;
            _ = Advapi32.ChangeServiceConfig2(service, Advapi32.ConfigDescription, &description);
        }

        // Started anew a few seconds after it died, as systemd does.
        var again = new Advapi32.FailureAction { Type = 1, Delay = RestartDelay };
        var actions = new Advapi32.FailureActions { ResetPeriod = Day, Count = 1, Actions = &again };
        _ = Advapi32.ChangeServiceConfig2(service, Advapi32.ConfigFailureActions, &actions);
        var patience = (uint)stopTimeout.TotalMilliseconds;
        _ = Advapi32.ChangeServiceConfig2(service, Advapi32.ConfigPreshutdown, &patience);
    }

    // The first state that is not awaited to pass; null when there is no service any more.
    private async Task<string?> WhileAsync(Func<string, bool> passes, TimeProvider time, CancellationToken stop)
    {
        string? state;
        while ((state = Find()?.State) is not null && passes(state)) await Task.Delay(Pause, time, stop);
        return state;
    }

    private void With(Func<nint, int> action, string failure)
    {
        var service = Advapi32.OpenService(_manager, WindowsService.Name, Advapi32.ServiceAllAccess);
        if (service == 0) throw Failure(failure);
        try
        {
            if (action(service) == 0) throw Failure(failure);
        }
        finally
        {
            _ = Advapi32.CloseServiceHandle(service);
        }
    }

    private static CommandException Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new CommandException(
            ExitCodes.NeedsUser,
            error == Advapi32.ErrorAccessDenied
                ? "the machine's service is an administrator's: give the command in a terminal that runs as administrator, or leave --system out for drives of your own."
                : $"{what}: {new Win32Exception(error).Message}");
    }
}
