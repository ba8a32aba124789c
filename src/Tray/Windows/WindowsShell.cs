using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;
using SyncAgent.Tray.Model;
using SyncAgent.Tray.Notifications;

namespace SyncAgent.Tray.Windows;

/// <summary>The tray of a Windows desktop: a hidden window with its message loop, on a thread of its own.</summary>
internal sealed unsafe class WindowsShell : ITrayShell
{
    private const string ClassName = "SyncAgent.Tray";
    private const uint IconMessage = Win32.WM_APP + 1;
    private const uint PostedMessage = Win32.WM_APP + 2;

    /// <summary>Whom the window's procedure calls: it gets no object, and there is one window.</summary>
    private static WindowsShell? current;

    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly uint _taskbarCreated = Win32.RegisterWindowMessage("TaskbarCreated");
    private Action<TrayAction>? _onChosen;
    private NotifyIcon? _icon;
    private TrayView? _view;
    private nint _window;

    /// <inheritdoc/>
    public Task RunAsync(TrayView first, Action<TrayAction> onChosen)
    {
        _view = first;
        _onChosen = onChosen;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Serve();
                ended.SetResult();
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        }) { Name = "tray window", IsBackground = true };
        thread.Start();
        return ended.Task;
    }

    /// <inheritdoc/>
    public void Show(TrayView view) => Post(() =>
    {
        var before = _view!;
        _view = view;
        if (view.State != before.State || view.Tooltip != before.Tooltip) _icon!.Change(view);
    });

    /// <inheritdoc/>
    public void Notify(Notification notification) => Post(() => _icon!.Notify(notification));

    /// <inheritdoc/>
    public Task<bool> AskAsync(string title, string text, string yes)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => answer.SetResult(Win32.MessageBox(_window, text, $"SyncAgent: {title}", Win32.MB_OKCANCEL | Win32.MB_ICONQUESTION) == Win32.IDOK));
        return answer.Task;
    }

    /// <inheritdoc/>
    public void Tell(string title, string text) => Post(() => Win32.MessageBox(_window, text, title, Win32.MB_OK | Win32.MB_ICONINFORMATION));

    /// <inheritdoc/>
    public void Close() => Post(() => Win32.DestroyWindow(_window));

    private void Serve()
    {
        current = this;
        var instance = Win32.GetModuleHandle(null);
        fixed (char* name = ClassName)
        {
            var windowClass = new Win32.WNDCLASSEXW { Size = (uint)sizeof(Win32.WNDCLASSEXW), Procedure = &OnMessage, Instance = instance, ClassName = name };
            if (Win32.RegisterClassEx(&windowClass) == 0) throw Failure();
        }

        // A window of the desktop, though it is never shown: a message-only window is not told of "TaskbarCreated".
        _window = Win32.CreateWindowEx(0, ClassName, "SyncAgent", 0, 0, 0, 0, 0, 0, 0, instance, 0);
        if (_window == 0) throw Failure();
        _icon = new NotifyIcon(_window, IconMessage);
        _icon.Add(_view!);
        RunPosted();

        Win32.MSG message;
        while (Win32.GetMessage(&message, 0, 0, 0) > 0) Win32.DispatchMessage(&message);
    }

    private void Post(Action action)
    {
        _posted.Enqueue(action);
        if (_window != 0) Win32.PostMessage(_window, PostedMessage, 0, 0);
    }

    private void RunPosted()
    {
        while (_posted.TryDequeue(out var action)) action();
    }

    private void OpenMenu()
    {
        if (PopupMenu.Choose(_window, _view!.Menu) is { } action) _onChosen!(action);
    }

    [UnmanagedCallersOnly]
    private static nint OnMessage(nint window, uint message, nint wParam, nint lParam)
    {
        var shell = current!;
        switch (message)
        {
            case PostedMessage:
                shell.RunPosted();
                return 0;
            case IconMessage:
                var what = (uint)lParam;
                var chosen = shell._icon!.TellsChoices
                    ? what is Win32.WM_CONTEXTMENU or Win32.NIN_SELECT or Win32.NIN_KEYSELECT
                    : what is Win32.WM_LBUTTONUP or Win32.WM_RBUTTONUP;
                if (chosen) shell.OpenMenu();
                return 0;
            case Win32.WM_DESTROY:
                shell._icon?.Remove();
                Win32.PostQuitMessage(0);
                return 0;
            default:
                // Explorer was restarted, and has forgotten the icon.
                if (message == shell._taskbarCreated) shell._icon?.Add(shell._view!);
                return Win32.DefWindowProc(window, message, wParam, lParam);
        }
    }

    private static ShellException Failure() => new($"There is no desktop: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
}
