using SyncAgent.Agent.Repair;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary>Lets a live agent verify a drive, and follows it.</summary>
/// <param name="agent">The agent.</param>
/// <param name="context">The world.</param>
/// <param name="report">Called for what is not as it should be, in the order of the keys.</param>
internal sealed class AgentVerification(ControlClient agent, CliContext context, Func<VerifiedObject, Task> report)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs to the end; whoever gives up ends the run too.</summary>
    /// <exception cref="CommandException">The drive is being verified already, or the run did not come to its end.</exception>
    public async Task<VerifySummary> RunAsync(string mountPoint, string path, bool deep, CancellationToken stop)
    {
        // To its end, so that a run that has begun is one that can be ended.
        var started = (await agent.StartVerifyAsync(path, deep, CancellationToken.None)).Runs[0].Status.Started;
        try
        {
            return await FollowAsync(mountPoint, started, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await CancelAsync(mountPoint);
            throw;
        }
    }

    /// <summary>Says that nothing can be said of a drive.</summary>
    public static CommandException Failure(string mountPoint, string? reason) => new(ExitCodes.TimedOut, $"{mountPoint} cannot be verified: {reason}");

    private async Task CancelAsync(string mountPoint)
    {
        try
        {
            await agent.CancelVerifyAsync(mountPoint, CancellationToken.None);
        }
        catch (Exception e) when (e is CommandException or AgentGoneException)
        {
            // it has just ended by itself
        }
    }

    private async Task<VerifySummary> FollowAsync(string mountPoint, DateTimeOffset started, CancellationToken stop)
    {
        var seen = 0;
        for (var pause = ShortestPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var run = (await agent.GetVerifyAsync(mountPoint, seen, stop)).Runs.SingleOrDefault();
            if (run?.Status is not { } status || status.Started != started)
                throw new CommandException(ExitCodes.NeedsUser, $"{mountPoint} is being verified by somebody else now; what came of this run is gone.");
            foreach (var found in run.Findings) await report(new VerifiedObject(found.Path, found.Key, found.Finding, found.Reason));
            seen += run.Findings.Count;
            if (run.Next is not null) continue;
            switch (status.State)
            {
                case VerifyState.Done:
                    if (status.Differences > seen) await context.Error.WriteLineAsync($"syncagent: {status.Differences - seen} more are not named: verify folder by folder to see them.");
                    return new VerifySummary(mountPoint, status.Progress.Objects, status.Progress.BytesRead, status.Progress.Counts);
                case VerifyState.Failed:
                    throw Failure(mountPoint, status.Error);
                case VerifyState.Cancelled:
                    throw new CommandException(ExitCodes.NeedsUser, $"{mountPoint}: somebody has ended the run.");
                default:
                    await Task.Delay(pause, context.Time, stop);
                    break;
            }
        }
    }
}
