using Microsoft.Extensions.Logging;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>Unloads nodes whenever the tree says that it is crowded. In the background: nobody who adds nodes waits for a commit.</summary>
internal sealed class TreeTrimmer : IAsyncDisposable
{
    private readonly Tree _tree;
    private readonly JournalStore _journal;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _crowded = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public TreeTrimmer(Tree tree, JournalStore journal, ILogger logger)
    {
        _tree = tree;
        _journal = journal;
        _logger = logger;
        tree.Crowded = () => _crowded.Release();
        _running = Task.Run(RunAsync);
    }

    /// <summary>Unloads what is not needed until there is room again, as far as that is possible now.</summary>
    public void Trim()
    {
        long uses;
        long sequence;
        lock (_tree.Lock) (uses, sequence) = (_tree.UsesNeedsLock, _journal.EnqueuedSequence);
        _journal.WaitCommitted(sequence);
        lock (_tree.Lock) _tree.UnloadNeedsLock(uses);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_tree.Lock) _tree.Crowded = static () => { };
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _crowded.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _crowded.WaitAsync(_stop.Token);
                TryTrim();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // stopped
        }
    }

    private void TryTrim()
    {
        try
        {
            Trim();
        }
        catch (JournalException e)
        {
            // What cannot be committed must stay in memory; the next that is loaded asks again.
            _logger.LogWarning("nodes stay in memory above the limit: {Message}", e.Message);
            lock (_tree.Lock) _tree.UnloadNeedsLock(upTo: -1);
        }
    }
}
