using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>
/// This process as a service of Windows: the control manager calls <see cref="ServiceMain"/> on a thread of its own, and later its handler. It is told that the
/// service runs when its drives are mounted, and at the end, for as long as that takes, that it still ends.
/// </summary>
[SupportedOSPlatform("windows")]
internal static unsafe class WindowsService
{
    /// <summary>Its name, and that of its source in the event log.</summary>
    public const string Name = "SyncAgent";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The control manager is told every so often that it still goes on.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    private static readonly Lock StatusLock = new();
    private static readonly CancellationTokenSource Stop = new();
    private static Func<EventWaitHandle, CancellationToken, Task<int>> body = null!;
    private static EventWaitHandle ready = null!;
    private static nint handle;
    private static uint checkPoint;
    private static int exitCode;

    /// <summary>Serves the control manager until it is stopped.</summary>
    /// <param name="work">The service: sets the event when it is ready, and ends soon after the token says so. Gives an exit code.</param>
    /// <param name="readyEvent">The event.</param>
    /// <returns>The exit code; null when the process was not started by the control manager.</returns>
    public static int? Run(Func<EventWaitHandle, CancellationToken, Task<int>> work, EventWaitHandle readyEvent)
    {
        (body, ready) = (work, readyEvent);
        fixed (char* name = Name)
        {
            var table = stackalloc Advapi32.ServiceEntry[2];
            table[0] = new Advapi32.ServiceEntry { Name = name, Main = &ServiceMain };
            table[1] = default;
            if (Advapi32.StartServiceCtrlDispatcher(table) != 0) return exitCode;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == Advapi32.ErrorNoService ? null : throw new Win32Exception(error);
    }

    [UnmanagedCallersOnly]
    private static void ServiceMain(uint count, char** arguments)
    {
        handle = Advapi32.RegisterServiceCtrlHandlerEx(Name, &OnControl, null);
        if (handle == 0) return;
        Tell(Advapi32.StartPending);
        try
        {
            exitCode = Serve();
        }
        catch (Exception e)
        {
            // Nobody above takes it: the control manager, and the log, are told.
            Console.Error.WriteLine(e);
            exitCode = Cli.ExitCodes.NeedsUser;
        }

        Tell(Advapi32.Stopped);
    }

    private static int Serve()
    {
        var running = Task.Run(() => body(ready, Stop.Token));
        while (!ready.WaitOne(TimeSpan.FromMilliseconds(50)) && !running.IsCompleted)
        {
            if (!Stop.IsCancellationRequested) Tell(Advapi32.StartPending);
        }

        if (!running.IsCompleted && !Stop.IsCancellationRequested) Tell(Advapi32.Running);
        using var ended = new ManualResetEventSlim();
        running.ContinueWith(_ => ended.Set(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        using (Stop.Token.Register(() => Tell(Advapi32.StopPending)))
        {
            while (!ended.Wait(Beat))
            {
                if (Stop.IsCancellationRequested) Tell(Advapi32.StopPending);
            }
        }

        return running.GetAwaiter().GetResult();
    }

    private static void Tell(uint state)
    {
        lock (StatusLock)
        {
            var waits = state is Advapi32.StartPending or Advapi32.StopPending;
            var failed = state == Advapi32.Stopped && exitCode != 0;
            var status = new Advapi32.ServiceStatus
            {
                Type = Advapi32.OwnProcess,
                State = state,
                Accepted = state == Advapi32.Running ? Advapi32.AcceptStop | Advapi32.AcceptPreshutdown : 0,
                ExitCode = failed ? Advapi32.ErrorServiceSpecific : 0,
                SpecificExitCode = failed ? (uint)exitCode : 0,
                CheckPoint = waits ? ++checkPoint : 0,
                WaitHint = waits ? (uint)Patience.TotalMilliseconds : 0,
            };
            _ = Advapi32.SetServiceStatus(handle, &status);
        }
    }

    [UnmanagedCallersOnly]
    private static uint OnControl(uint control, uint type, void* data, void* context)
    {
        const uint NotImplemented = 120; // ERROR_CALL_NOT_IMPLEMENTED
        switch (control)
        {
            case Advapi32.ControlStop or Advapi32.ControlPreshutdown:
                // Who asked looks at the state at once; what the token sets off may take a moment, and so not on this thread.
                Tell(Advapi32.StopPending);
                Task.Run(Stop.Cancel);
                return 0;
            case Advapi32.ControlInterrogate:
                return 0;
            default:
                return NotImplemented;
        }
    }
}
