using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting.Power;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>
/// The end of a Windows session (logoff, shutdown) and waking from sleep, as windows are told of them: a window that is never shown, with its message
/// loop on a thread of its own. While something is to be sent Windows knows the reason why it should wait (ShutdownBlockReasonCreate). At the end the
/// window's answer is held back until the agent has ended.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class SessionWatch : IPowerWatch
{
    /// <summary>Class of the window.</summary>
    public const string ClassName = "SyncAgent.Session";

    private const string Reason = "Files are on their way to the bucket";
    private const uint Changed = User32.WM_APP + 1;

    /// <summary>Whom the window's procedure calls: it gets no object, and there is one window in a process.</summary>
    private static SessionWatch? current;

    private readonly ShutdownInhibition _inhibition;
    private readonly Action _onWake;
    private readonly Action _onEnd;
    private readonly ILogger _logger;
    private volatile bool _pending;
    private volatile bool _ending;
    private volatile bool _closing;
    private Thread? _thread;
    private nint _window;

    /// <summary>Makes one; <see cref="Start"/> opens the window.</summary>
    /// <param name="inhibition">Whether and how shutdowns are held up.</param>
    /// <param name="onWake">Called when the machine has woken up from sleep. It must not wait.</param>
    /// <param name="onEnd">Called when the session ends, to have this process end in order. It must not wait.</param>
    /// <param name="logger">Log.</param>
    public SessionWatch(ShutdownInhibition inhibition, Action onWake, Action onEnd, ILogger logger) =>
        (_inhibition, _onWake, _onEnd, _logger) = (inhibition, onWake, onEnd, logger);

    /// <inheritdoc/>
    public void Start()
    {
        using var open = new ManualResetEventSlim();
        _thread = new Thread(() => Serve(open)) { Name = "session window", IsBackground = true };
        _thread.Start();
        open.Wait();
    }

    /// <inheritdoc/>
    public void SetPending(bool pending)
    {
        if (_pending == pending) return;
        _pending = pending;
        if (_window != 0) _ = User32.PostMessage(_window, Changed, 0, 0);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _closing = true;
        // One that holds back its answer to the end of the session goes with the process, and with it the reason that people are shown.
        if (_window == 0 || _ending) return ValueTask.CompletedTask;
        _ = User32.PostMessage(_window, Changed, 0, 0);
        _thread!.Join();
        return ValueTask.CompletedTask;
    }

    private void Serve(ManualResetEventSlim open)
    {
        current = this;
        var instance = User32.GetModuleHandle(null);
        fixed (char* name = ClassName)
        {
            var windowClass = new User32.WindowClass { Size = (uint)sizeof(User32.WindowClass), Procedure = &OnMessage, Instance = instance, ClassName = name };
            // A window of the desktop: one for messages only is not told of the session's end.
            if (User32.RegisterClassEx(&windowClass) != 0) _window = User32.CreateWindowEx(0, ClassName, "SyncAgent", 0, 0, 0, 0, 0, 0, 0, instance, 0);
        }

        if (_window == 0) LogNoWindow(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        open.Set();
        if (_window == 0) return;
        if (_pending) HoldOrRelease();
        User32.Message message;
        while (User32.GetMessage(&message, 0, 0, 0) > 0) User32.DispatchMessage(&message);
    }

    private void HoldOrRelease()
    {
        var hold = _pending && _inhibition is not ShutdownInhibition.Off && !_closing;
        if (hold) _ = User32.ShutdownBlockReasonCreate(_window, Reason);
        else _ = User32.ShutdownBlockReasonDestroy(_window);
        LogReason(hold);
        if (_closing) _ = User32.DestroyWindow(_window);
    }

    private nint AskedToEnd()
    {
        var refused = _pending && _inhibition is ShutdownInhibition.Block;
        LogAsked(_pending ? "files are still on their way" : "nothing is on its way");
        return refused ? 0 : 1;
    }

    // Windows ends this process as soon as this returns.
    private void End()
    {
        LogEnding();
        _ending = true;
        _onEnd();
        Thread.CurrentThread.Join(); // for as long as the process lasts
    }

    [UnmanagedCallersOnly]
    private static nint OnMessage(nint window, uint message, nint wParam, nint lParam)
    {
        switch (message)
        {
            case Changed:
                current!.HoldOrRelease();
                return 0;
            case User32.WM_QUERYENDSESSION:
                return current!.AskedToEnd();
            case User32.WM_ENDSESSION:
                if (wParam != 0) current!.End();
                return 0;
            case User32.WM_POWERBROADCAST when wParam == User32.PBT_APMRESUMEAUTOMATIC:
                current!._onWake();
                return 1;
            case User32.WM_DESTROY:
                User32.PostQuitMessage(0);
                return 0;
            default:
                return User32.DefWindowProc(window, message, wParam, lParam);
        }
    }

    [LoggerMessage(5017, LogLevel.Debug, "there is no window to follow the session: {Reason}")]
    private partial void LogNoWindow(string reason);

    [LoggerMessage(5018, LogLevel.Debug, "a reason to wait with a shutdown stands: {Held}")]
    private partial void LogReason(bool held);

    [LoggerMessage(5019, LogLevel.Information, "the session is about to end; {What}")]
    private partial void LogAsked(string what);

    [LoggerMessage(5020, LogLevel.Information, "the session ends: the drives are unmounted")]
    private partial void LogEnding();
}
