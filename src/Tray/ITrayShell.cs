using SyncAgent.Tray.Model;
using SyncAgent.Tray.Notifications;

namespace SyncAgent.Tray;

/// <summary>The desktop: an icon with a menu, notifications, questions. Has a thread of its own; all calls may come from any thread.</summary>
internal interface ITrayShell
{
    /// <summary>Puts the icon up and serves it; ends after <see cref="Close"/>, or when the desktop ends.</summary>
    /// <param name="first">What is seen first.</param>
    /// <param name="onChosen">Called on the shell's thread: it must not wait.</param>
    /// <exception cref="ShellException">There is no desktop, or something is not installed.</exception>
    Task RunAsync(TrayView first, Action<TrayAction> onChosen);

    /// <summary>Shows another view; of several in short order only the last is sure to be seen.</summary>
    void Show(TrayView view);

    /// <summary>Puts a word on the desktop; dropped where nothing shows such words.</summary>
    void Notify(Notification notification);

    /// <summary>Asks in a window; false also when it is closed.</summary>
    Task<bool> AskAsync(string title, string text, string yes);

    /// <summary>Tells something in a window.</summary>
    void Tell(string title, string text);

    /// <summary>Takes the icon away.</summary>
    void Close();
}

/// <summary>There is no place for a tray; the message says what helps.</summary>
internal sealed class ShellException(string message) : Exception(message);
