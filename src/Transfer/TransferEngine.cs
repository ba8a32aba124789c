using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Brings one drive's bucket to what its journal says the user wants. It takes its work from committed, durable rows, acts on the
/// store, and commits what the store confirmed; it can be stopped or killed at any moment and goes on from there.
/// </summary>
public sealed partial class TransferEngine : IAsyncDisposable
{
    private static readonly Lock MachineLock = new();

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TransferContext _context;
    private readonly StoreHealth _healthBefore;
    private readonly string _pausedName;
    private Scheduler? _scheduler;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes an engine. Nothing happens before <see cref="Start"/>.</summary>
    /// <param name="journal">The journal of the state folder.</param>
    /// <param name="drive">The drive.</param>
    /// <param name="store">Its bucket. Repeating calls that may be repeated is this object's business, not the engine's.</param>
    /// <param name="budget">What all drives of the agent may have in flight.</param>
    /// <param name="options">How to send.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log; keys appear in it, secrets never.</param>
    /// <param name="link">What the link to the store bears, when somebody else tells it of errors too; null for one of its own.</param>
    /// <exception cref="ArgumentException">The options have mistakes; the message lists all of them.</exception>
    public TransferEngine(
        JournalStore journal, DriveRow drive, IObjectStore store, PartBudget budget, TransferOptions options, TimeProvider time,
        ILogger<TransferEngine> logger, TransferLink? link = null)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } errors)
            throw new ArgumentException($"The transfer options cannot be used:\n  {string.Join("\n  ", errors)}", nameof(options));
        var seed = options.JitterSeed ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        _context = new TransferContext(
            journal, journal.OpenReader(), drive, store, budget, options, link ?? new TransferLink(options.ParallelParts), new TransferPause(), time, new Backoff(options, seed), logger, MachineIdOf(journal))
        {
            // Read when it is asked for: it is set after this.
            Form = new StoredForm(drive.Prefix, key => ObjectOptionsFor(key)),
        };
        _pausedName = $"paused:{drive.Id}";
        if (journal.GetValue(_pausedName) is not null) _context.Pause.Pause();
        _healthBefore = new StoreHealth(true, time.GetUtcNow(), null, null);
    }

    /// <summary>Tells whether a node is open for writing right now. The default believes the journal; the file system knows better
    /// after a restart, when a generation is open that nobody writes any more.</summary>
    public Func<long, bool> IsBeingWritten { get; init; } = static _ => true;

    /// <summary>How the object of a key, named below the drive's prefix, is stored. The default leaves everything to the bucket.</summary>
    public Func<string, ObjectOptions> ObjectOptionsFor { get; init; } = static _ => ObjectOptions.None;

    /// <summary>The files being sent now.</summary>
    public IReadOnlyList<TransferProgress> Active => Volatile.Read(ref _scheduler)?.Active ?? [];

    /// <summary>Whether the store can be used.</summary>
    public StoreHealth Health => Volatile.Read(ref _scheduler)?.Health ?? _healthBefore;

    /// <summary>Whether the drive's transfers are held.</summary>
    public bool IsPaused => _context.Pause.IsPaused;

    /// <summary>Holds the drive's transfers, also after a restart: parts on their way arrive, nothing new begins.</summary>
    public void Pause()
    {
        lock (_lock)
        {
            _context.Journal.SetValue(_pausedName, "1");
            _context.Pause.Pause();
        }
    }

    /// <summary>Lets them go on where they stopped.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _context.Journal.SetValue(_pausedName, null);
            _context.Pause.Resume();
        }
    }

    /// <summary>Ends when the loop that plans the transfers has taken a turn after this call; at once when it does not run.</summary>
    public Task AnswersAsync() => Volatile.Read(ref _scheduler)?.AnswersAsync() ?? Task.CompletedTask;

    /// <summary>Starts working. Once.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_scheduler is not null) throw new InvalidOperationException("the engine was started before");
            _stop.Token.ThrowIfCancellationRequested();
            var scheduler = new Scheduler(_context, IsBeingWritten);
            Volatile.Write(ref _scheduler, scheduler);
            _running = Task.Run(() => scheduler.RunAsync(_stop.Token));
        }
    }

    /// <summary>Everything that waits after a failure is tried now, also an offline store.</summary>
    public void Wake() => Volatile.Read(ref _scheduler)?.Wake();

    /// <summary>Stops at once: pending stays pending, nothing is aborted on the store. Returns when nothing runs any more.</summary>
    public async Task StopAsync()
    {
        Task running;
        lock (_lock) running = _running;
        await _stop.CancelAsync();
        await running;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private static string MachineIdOf(JournalStore journal)
    {
        lock (MachineLock)
        {
            if (journal.GetValue("machine_id") is { } known) return known;
            var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
            journal.SetValue("machine_id", id);
            return id;
        }
    }
}
