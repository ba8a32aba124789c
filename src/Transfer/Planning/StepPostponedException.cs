namespace SyncAgent.Transfer;

/// <summary>A step must wait for something that is no error.</summary>
internal sealed class StepPostponedException(string reason, TimeSpan wait) : Exception(reason)
{
    public TimeSpan Wait { get; } = wait;
}
