using SyncAgent.Transfer;

namespace SyncAgent.Agent.Configuration;

/// <summary>One drive as it is to be mounted: checked, paths absolute.</summary>
/// <param name="MountPoint">Absolute path without a slash at the end.</param>
/// <param name="Target">What is mounted.</param>
/// <param name="ReadOnly">Refuse every change.</param>
/// <param name="AllowOther">Let other users in.</param>
internal sealed record DriveSettings(string MountPoint, TargetSettings Target, bool ReadOnly, bool AllowOther = false)
{
    /// <summary>How the objects of which files are stored.</summary>
    public IReadOnlyList<ObjectRule> Objects { get; init; } = [];

    /// <summary>How this drive sends and keeps things, where it says so; else as its agent does.</summary>
    public EngineSettings Engine { get; init; } = new();

    /// <summary>Whether objects are shown as owned by whom their metadata names, or null: for root they are.</summary>
    public bool? StoreOwners { get; init; }

    /// <summary>Patterns of new files that are never sent, or null: the default ones.</summary>
    public IReadOnlyList<string>? Ignore { get; init; }
}
