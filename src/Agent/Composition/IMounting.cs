namespace SyncAgent.Agent.Composition;

/// <summary>The system's side of a mounted drive. Disposing it unmounts.</summary>
internal interface IMounting : IAsyncDisposable
{
    /// <summary>Ends when the drive is gone, by whomever.</summary>
    Task Completion { get; }

    /// <summary>Takes the drive out of the tree.</summary>
    /// <returns>True when programs still had files open in it.</returns>
    Task<bool> UnmountAsync(CancellationToken cancellationToken);
}
