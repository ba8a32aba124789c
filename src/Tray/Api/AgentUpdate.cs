namespace SyncAgent.Tray.Api;

/// <summary>What the tray learns about its agent.</summary>
internal abstract record AgentUpdate;

/// <summary>The picture as it is now.</summary>
internal sealed record StatusChanged(StatusSnapshot Status) : AgentUpdate;

/// <summary>A file newly needs the user.</summary>
internal sealed record ProblemAppeared(ProblemInfo Problem) : AgentUpdate;

/// <summary>A queue has drained.</summary>
internal sealed record QueueDrained(DoneInfo Done) : AgentUpdate;

/// <summary>No agent answers.</summary>
/// <param name="Error">What went wrong, where it is more than that; null when there is simply none.</param>
internal sealed record AgentAway(string? Error) : AgentUpdate;
