namespace SyncAgent.Tray.Model;

/// <summary>What choosing an item of the menu does.</summary>
internal abstract record TrayAction;

/// <summary>Shows a folder in the file manager.</summary>
internal sealed record OpenFolder(string Path) : TrayAction;

/// <summary>Opens the status page in the browser.</summary>
internal sealed record OpenPage : TrayAction;

/// <summary>Holds drives, or lets them go on.</summary>
/// <param name="Paused">Whether to hold them.</param>
/// <param name="MountPoint">One drive's; null for all.</param>
internal sealed record SetPaused(bool Paused, string? MountPoint = null) : TrayAction;

/// <summary>Tries everything again that has failed.</summary>
internal sealed record RetryAll : TrayAction;

/// <summary>Shows version and licences.</summary>
internal sealed record ShowAbout : TrayAction;

/// <summary>Ends the tray, not the agent.</summary>
/// <param name="Warning">What to ask first, or null when nothing is pending.</param>
internal sealed record Quit(string? Warning) : TrayAction;
