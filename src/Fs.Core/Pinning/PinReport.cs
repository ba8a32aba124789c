namespace SyncAgent.Fs.Core;

/// <summary>How far a pinned path is on the local disk.</summary>
/// <param name="Path">Names joined with "/" from the drive's top; empty for all of the drive.</param>
/// <param name="Files">Files at or below it, as far as they are known.</param>
/// <param name="Bytes">Their sizes together.</param>
/// <param name="MissingBytes">Of that, what is not on the local disk yet.</param>
/// <param name="Error">Why it does not get on, in one sentence, or null.</param>
public sealed record PinReport(string Path, long Files, long Bytes, long MissingBytes, string? Error)
{
    /// <summary>Whether everything below the path was looked at and is on the local disk.</summary>
    public required bool Complete { get; init; }
}
