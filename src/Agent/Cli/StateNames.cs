using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Cli;

/// <summary>How states are written for people.</summary>
internal static class StateNames
{
    /// <summary>A state as a word.</summary>
    public static string Of(FileState state) => state.ToString().ToLowerInvariant();

    /// <summary>A text in the colour of a state.</summary>
    public static string Paint(string text, FileState? state, Paint paint) => state switch
    {
        FileState.Synced => paint.Good(text),
        FileState.Uploading or FileState.Open or FileState.Closing => paint.Busy(text),
        FileState.Queued or FileState.Paused => paint.Warn(text),
        FileState.Interrupted or FileState.Incomplete or FileState.Conflict or FileState.Failed => paint.Bad(text),
        _ => paint.Faint(text),
    };
}
