namespace SyncAgent.Fs.Core;

/// <summary>A listing of a directory that is under way.</summary>
internal sealed class DirectoryListing(long stamp)
{
    private readonly TaskCompletionSource _firstPage = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Confirmations of the bucket with a greater stamp came after this listing was asked for.</summary>
    public long Stamp { get; } = stamp;

    /// <summary>Names changed here since: the listing says nothing about them. Guarded by the tree's lock.</summary>
    public HashSet<string> Touched { get; } = new(StringComparer.Ordinal);

    /// <summary>It passes over a name that the bucket has something under: merged, it does not make the directory a listed one. Guarded by
    /// the tree's lock.</summary>
    public bool IsOutdated { get; set; }

    /// <summary>The store has answered at all.</summary>
    public Task FirstPage => _firstPage.Task;

    /// <summary>The listing is merged, or failed.</summary>
    public Task<FsError?> Completion { get; set; } = Task.FromResult<FsError?>(null);

    public void Answered() => _firstPage.TrySetResult();
}
