using System.Globalization;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Hosting;
using SyncAgent.Fs.Core;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Composition;

/// <summary>
/// The journal of a state folder from its opening to the end of its checks. What comes before the mount looks at rows, names and marks; what
/// has to read content runs behind it.
/// </summary>
internal sealed class AgentRecovery : IDisposable
{
    private readonly LostAndFound _lost;
    private readonly StagedAudit _audit;
    private readonly DateTimeOffset _started;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private AgentRecovery(JournalStore journal, LostAndFound lost, RecoveryPlan plan, string? diskWarning, DateTimeOffset started, ILogger logger)
    {
        Journal = journal;
        Plan = plan;
        DiskWarning = diskWarning;
        _lost = lost;
        _audit = new StagedAudit(journal, lost, StagedContentCheck.IsIntact(journal, logger), logger);
        _started = started;
        _logger = logger;
    }

    /// <summary>The journal, its rows in order.</summary>
    public JournalStore Journal { get; }

    /// <summary>How the last run ended.</summary>
    public RecoveryPlan Plan { get; }

    /// <summary>What is wrong with the disk of the state folder, or null.</summary>
    public string? DiskWarning { get; }

    /// <summary>Whether what is known of the bucket must be asked for again.</summary>
    public bool ForgetsListings => Plan.Rebooted || Plan.Rebuilt;

    /// <summary>Opens the journal, or makes it anew, and brings its rows in order.</summary>
    /// <param name="state">State folder, locked by the caller.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public static AgentRecovery Begin(string state, TimeProvider time, ILogger logger)
    {
        var warning = StateDisk.Warning(state);
        if (warning is not null) logger.LogWarning("{Warning}", warning);
        var started = time.GetUtcNow();
        var journal = JournalOpening.Open(state, time, logger);
        try
        {
            journal.Refused += e => logger.LogError(e, "the journal refused a change: please report this as a defect");
            journal.Damaged += e => logger.LogError(e, "the journal is damaged: the drives are read-only; stop the agent and mount again, and it is made anew");
            var lost = new LostAndFound(state, time);
            var plan = JournalRecovery.Run(journal, lost, time, MachineBoot.Id, logger);
            return new AgentRecovery(journal, lost, plan, warning, started, logger);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Checks the rest, behind the mount.</summary>
    public void Start(GroupCommitter groups)
    {
        foreach (var staging in Plan.Unsynced) groups.Add(staging);
        _running = Task.Run(Run);
    }

    /// <summary>What is being checked, or what came of it, in a sentence; null after a clean start.</summary>
    public string? Describe()
    {
        var found = Plan.Recovered + Plan.Interrupted + Plan.Lost == 0
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $" {Plan.Recovered} files that the journal did not know are pending again, {Plan.Interrupted} are interrupted, {Plan.Lost} went to {_lost.Folder}.");
        var checking = string.Create(CultureInfo.InvariantCulture, $"{_audit.Checked} staged files checked so far.");
        if (Plan.Rebuilt) return (_audit.IsRunning ? $"the journal was damaged and is being made anew; {checking}" : "the journal was damaged and was made anew.") + found;
        if (!Plan.Unclean) return null;
        return _audit.IsRunning ? $"the last end was not clean; {checking}{found}" : found.Length == 0 ? null : $"the last end was not clean.{found}";
    }

    /// <summary>Ends with the checks.</summary>
    public Task Checks => _running;

    /// <summary>Ends the checks; what is left is done at the next start.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>All drives are gone and their changes are durable: the next start has nothing to check.</summary>
    public void NoteCleanEnd() => JournalRecovery.NoteCleanEnd(Journal);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        Journal.Dispose();
    }

    private void Run()
    {
        try
        {
            if (Plan.Unclean) Journal.CheckPages();
            _audit.Run(Plan.Unclean, _stop.Token);
            JournalRecovery.SweepStaging(Journal, _lost, _started.UtcDateTime, _logger);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // the agent ends: the next start goes on
        }
        catch (Exception e)
        {
            // Whatever it is, files in doubt stay unpublished, and the drives go on.
            _logger.LogError(e, "the staged files cannot be checked to the end; those that are in doubt are not sent. Check the disk of {Folder}", Journal.Folder);
        }
    }
}
