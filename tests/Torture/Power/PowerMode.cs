using System.CommandLine;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Power;

/// <summary>Power cuts at every moment.</summary>
internal sealed class PowerMode : ITortureMode
{
    /// <inheritdoc/>
    public string Name => "power";

    /// <inheritdoc/>
    public string Summary => "Cuts the power at every moment of a workload and starts the agent on what the disk then holds.";

    /// <inheritdoc/>
    public TortureRun Build(Command command) => (_, _, _) => throw new NotImplementedException();
}
