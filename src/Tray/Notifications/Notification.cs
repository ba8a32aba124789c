namespace SyncAgent.Tray.Notifications;

/// <summary>A word on the desktop.</summary>
/// <param name="Title">In a few words.</param>
/// <param name="Text">The rest, plain text.</param>
/// <param name="IsUrgent">Whether something needs the user.</param>
internal sealed record Notification(string Title, string Text, bool IsUrgent);
