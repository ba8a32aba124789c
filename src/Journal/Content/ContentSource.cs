namespace SyncAgent.Journal;

/// <summary>A generation and the staging file of its local base, if it has one.</summary>
public sealed record ContentSource(Generation Generation, string? BaseStaging);
