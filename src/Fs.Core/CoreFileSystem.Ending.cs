namespace SyncAgent.Fs.Core;

/// <summary>The end of a drive: nobody begins to write any more, and those who do may finish.</summary>
public sealed partial class CoreFileSystem
{
    private bool _refusesWriters; // guarded by the tree's lock

    /// <summary>Refuses to open files for writing, with <see cref="FsErrorKind.ReadOnly"/>, and returns when those that are open for writing
    /// are closed, or after <paramref name="atMost"/>. Reading, and writing to what is open, go on.</summary>
    /// <param name="atMost">How long to wait; zero only looks.</param>
    /// <param name="cancellationToken">Gives up waiting; writers stay refused.</param>
    /// <returns>The nodes that are still open for writing.</returns>
    public async Task<IReadOnlyList<long>> LetWritersFinishAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        lock (_tree.Lock) _refusesWriters = true;
        try
        {
            await _handles.WhenNobodyWritesAsync().WaitAsync(atMost, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // told by what is returned
        }

        return Written;
    }

    /// <summary>The drive stays after all: files may be opened for writing again.</summary>
    public void AdmitWriters()
    {
        lock (_tree.Lock) _refusesWriters = false;
    }

    /// <summary>The nodes that are open for writing now.</summary>
    public IReadOnlyList<long> Written
    {
        get
        {
            lock (_tree.Lock) return _handles.WrittenNeedsLock();
        }
    }
}
