namespace SyncAgent.Journal;

/// <summary>A generation and its local base, if it has one.</summary>
public sealed record ContentSource(Generation Generation, Generation? Lower)
{
    /// <summary>The staging file of the local base, or null.</summary>
    public string? BaseStaging => Lower?.Staging;
}
