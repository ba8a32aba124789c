using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SyncAgent.Tray.Model;
using SyncAgent.Tray.Notifications;
using SyncAgent.Tray.Session;

namespace SyncAgent.Tray.Linux;

/// <summary>The tray of a Linux desktop. GTK lives on one thread of its own; everything else is posted to it.</summary>
internal sealed unsafe class LinuxShell : ITrayShell
{
    private const string Id = "syncagent-tray";

    /// <summary>What GTK's thread has still to do. Static: there is one such thread, and its callback gets no object.</summary>
    private static readonly ConcurrentQueue<Action> Posted = new();

    private readonly DesktopNotifications _notifications;
    private nint _indicator;
    private MenuMirror? _menu;
    private TrayView? _next;
    private TrayView? _shown;

    /// <summary>Loads what it needs.</summary>
    /// <exception cref="ShellException">There is no session, or something is not installed.</exception>
    public LinuxShell()
    {
        NativeLibraries.Load();
        _notifications = DesktopNotifications.Connect();
    }

    /// <inheritdoc/>
    public Task RunAsync(TrayView first, Action<TrayAction> onChosen)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Serve(first, onChosen);
                ended.SetResult();
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        }) { Name = "GTK", IsBackground = true };
        thread.Start();
        return ended.Task;
    }

    /// <inheritdoc/>
    public void Show(TrayView view)
    {
        if (Interlocked.Exchange(ref _next, view) is null) Post(ShowNext);
    }

    /// <inheritdoc/>
    public void Notify(Notification notification) => Post(() => _notifications.Show(
        notification, IconFiles.NameOf(notification.IsUrgent ? Api.AgentState.Attention : Api.AgentState.Idle)));

    /// <inheritdoc/>
    public Task<bool> AskAsync(string title, string text, string yes)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => answer.SetResult(RunDialog(Gtk.MessageQuestion, title, text, [("Cancel", Gtk.ResponseCancel), (yes, Gtk.ResponseOk)]) == Gtk.ResponseOk));
        return answer.Task;
    }

    /// <inheritdoc/>
    public void Tell(string title, string text) => Post(() => RunDialog(Gtk.MessageInfo, title, text, [("Close", Gtk.ResponseOk)]));

    /// <inheritdoc/>
    public void Close() => Post(Gtk.MainQuit);

    private void Serve(TrayView first, Action<TrayAction> onChosen)
    {
        if (!Gtk.InitCheck(null, null))
            throw new ShellException("There is no display (DISPLAY, WAYLAND_DISPLAY): the tray runs in a desktop session. Elsewhere use \"syncagent status\".");
        _indicator = AppIndicator.New(Id, IconFiles.NameOf(first.State), AppIndicator.ApplicationStatus, IconFiles.ThemeFolder);
        AppIndicator.SetAttentionIcon(_indicator, IconFiles.NameOf(Api.AgentState.Attention), "SyncAgent needs you");
        var menu = Gtk.MenuNew();
        _menu = new MenuMirror(menu, onChosen);
        ShowView(first);
        AppIndicator.SetMenu(_indicator, menu);
        Gtk.RunMain();
    }

    private void ShowNext()
    {
        if (Interlocked.Exchange(ref _next, null) is { } view) ShowView(view);
    }

    private void ShowView(TrayView view)
    {
        if (view.Tooltip != _shown?.Tooltip) AppIndicator.SetTitle(_indicator, view.Tooltip);
        if (view.State != _shown?.State)
        {
            AppIndicator.SetIcon(_indicator, IconFiles.NameOf(view.State), view.Tooltip);
            AppIndicator.SetStatus(_indicator, view.State == Api.AgentState.Attention ? AppIndicator.Attention : AppIndicator.Active);
        }

        _menu!.Show(view.Menu);
        _shown = view;
    }

    private static int RunDialog(int type, string title, string text, IEnumerable<(string Label, int Response)> buttons)
    {
        var dialog = Gtk.MessageDialogNew(0, 0, type, 0, null);
        Gtk.SetText(dialog, "title", "SyncAgent");
        Gtk.SetText(dialog, "text", title);
        Gtk.SetText(dialog, "secondary-text", text);
        foreach (var (label, response) in buttons) Gtk.DialogAddButton(dialog, label, response);
        Gtk.DialogSetDefault(dialog, Gtk.ResponseOk);
        var answer = Gtk.DialogRun(dialog);
        Gtk.Destroy(dialog);
        return answer;
    }

    private static void Post(Action action)
    {
        Posted.Enqueue(action);
        _ = Gtk.IdleAdd(&RunPosted, 0);
    }

    // Each post has its call: one action per call keeps their order also where a dialog's own loop runs inside one.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int RunPosted(nint data)
    {
        if (Posted.TryDequeue(out var action)) action();
        return 0;
    }
}
