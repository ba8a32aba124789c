using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Repair;

/// <summary>Verifies a mounted drive by its own way to the bucket, with its keys and within its bandwidth: one run at a time. What came of a run is
/// kept until the next one or the drive's end. Thread-safe.</summary>
/// <param name="store">The drive's bucket.</param>
/// <param name="journal">The journal.</param>
/// <param name="drive">The drive.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Told how runs end.</param>
internal sealed class DriveVerification(IObjectReader store, JournalStore journal, DriveRow drive, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>Findings of a run that are kept; of more, only their number. A few megabytes.</summary>
    public const int MaxFindings = 10_000;

    private readonly Lock _lock = new();
    private JournalReader? _reader;
    private VerifyRun? _run;
    private bool _ended;

    /// <summary>The run, or null before the first.</summary>
    public VerifyRun? Run
    {
        get
        {
            lock (_lock) return _run;
        }
    }

    /// <summary>Begins a run.</summary>
    /// <param name="path">A file or folder in the drive, names joined with "/"; empty for all of it.</param>
    /// <param name="deep">Whether to read all bytes back.</param>
    /// <exception cref="CommandException">One is under way, or the drive ends.</exception>
    public VerifyRun Start(string path, bool deep)
    {
        lock (_lock)
        {
            if (_ended) throw new CommandException(ExitCodes.NeedsUser, $"{drive.MountPoint} is being unmounted.");
            if (_run is { Status.State: VerifyState.Running })
                throw new CommandException(ExitCodes.NeedsUser, $"{drive.MountPoint} is being verified already: wait for that, or cancel it on the status page.");
            return _run = new VerifyRun(store, _reader ??= journal.OpenReader(), drive, path, deep, time, logger);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        VerifyRun? run;
        lock (_lock)
        {
            _ended = true;
            run = _run;
        }

        if (run is not null) await run.DisposeAsync();
        _reader?.Dispose();
    }
}
