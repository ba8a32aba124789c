using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>The staged bytes are not those that were written.</summary>
internal static class Damage
{
    public static StepFailedException Found(SendTarget target) => new(
        Problem.Failed,
        $"the staged bytes of {target.Key} changed on disk since they were written, so they were not sent. "
        + "Check the disk of the state folder, then write the file again.");
}
