using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>A step cannot succeed without somebody's help.</summary>
internal sealed class StepFailedException(Problem problem, string message) : Exception(message)
{
    public Problem Problem { get; } = problem;
}
