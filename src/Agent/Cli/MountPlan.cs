using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Cli;

/// <summary>What a mount line asks for, checked.</summary>
/// <param name="State">State folder, absolute.</param>
/// <param name="Drives">At least one, but for an agent that waits for its first.</param>
/// <param name="Engine">Transfer options and limits.</param>
internal sealed record MountPlan(string State, IReadOnlyList<DriveSettings> Drives, EngineSettings Engine)
{
    /// <summary>The configuration file that it came from, absolute, or null: drives that are set up on the page are added to it.</summary>
    public string? Config { get; init; }

    /// <summary>How the agent ends, and what it may ask of its machine. Of no matter to an agent that runs already.</summary>
    public AgentSettings Agent { get; init; } = new();
}
