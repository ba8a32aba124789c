using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Repair;

/// <summary>One run of verify in the background. Thread-safe.</summary>
internal sealed partial class VerifyRun : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<VerifiedObject> _findings = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly BucketVerifier _verifier;
    private readonly DriveRow _drive;
    private readonly string _path;
    private readonly bool _deep;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DateTimeOffset _started;
    private readonly Task _work;
    private VerifyState _state = VerifyState.Running;
    private DateTimeOffset? _ended;
    private string? _error;
    private long _differences;

    /// <summary>Begins.</summary>
    /// <param name="store">The drive's bucket.</param>
    /// <param name="reader">A reader that nobody else is kept waiting by.</param>
    /// <param name="drive">The drive.</param>
    /// <param name="path">What to verify, as for <see cref="BucketVerifier.RunAsync"/>.</param>
    /// <param name="deep">Whether to read all bytes back.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Told of the end.</param>
    public VerifyRun(IObjectReader store, JournalReader reader, DriveRow drive, string path, bool deep, TimeProvider time, ILogger logger)
    {
        (_drive, _path, _deep, _time, _logger) = (drive, path, deep, time, logger);
        _verifier = new BucketVerifier(store, reader, drive, deep);
        _started = time.GetUtcNow();
        _work = Task.Run(RunAsync);
    }

    /// <summary>How it stands.</summary>
    public VerifyStatus Status
    {
        get
        {
            lock (_lock) return new VerifyStatus(NodeStates.Absolute(_drive, _path), _deep, _state, _started, _ended, _verifier.Progress, _differences, _error);
        }
    }

    /// <summary>How it stands, and what it found from the given one on.</summary>
    public VerifyResult Read(int after, int limit)
    {
        lock (_lock)
        {
            var page = _findings.Skip(after).Take(limit)
                .Select(found => new VerifyReport(found.Path, found.Key, found.Finding, found.Reason, found.Finding.Remedy())).ToList();
            var next = after + page.Count;
            return new VerifyResult(_drive.MountPoint, Status, page, next < _findings.Count ? next : null);
        }
    }

    /// <summary>Ends it and waits for that.</summary>
    public async Task CancelAsync()
    {
        await _stop.CancelAsync();
        await _work;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CancelAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await _verifier.RunAsync(_path, NoteAsync, _stop.Token);
            End(VerifyState.Done);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            End(VerifyState.Cancelled);
        }
        catch (StoreException e)
        {
            End(VerifyState.Failed, e.Explain());
        }
        catch (Exception e)
        {
            // Nobody awaits a run: what nobody foresaw is told like the rest, and ends it too.
            LogBroken(e, _drive.MountPoint);
            End(VerifyState.Failed, e.Message);
        }
    }

    private Task NoteAsync(VerifiedObject found)
    {
        lock (_lock)
        {
            _differences++;
            if (_findings.Count < DriveVerification.MaxFindings) _findings.Add(found);
        }

        return Task.CompletedTask;
    }

    private void End(VerifyState state, string? error = null)
    {
        lock (_lock) (_state, _error, _ended) = (state, error, _time.GetUtcNow());
        LogEnded(_drive.MountPoint, state, _verifier.Progress.Objects, _differences);
    }

    [LoggerMessage(5120, LogLevel.Information, "{MountPoint}: verify is {State}; {Objects} objects compared, {Differences} are not as they were confirmed")]
    private partial void LogEnded(string mountPoint, VerifyState state, long objects, long differences);

    [LoggerMessage(5121, LogLevel.Error, "{MountPoint}: verify broke off")]
    private partial void LogBroken(Exception error, string mountPoint);
}
