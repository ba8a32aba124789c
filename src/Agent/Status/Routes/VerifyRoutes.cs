using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Repair;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>Holds what buckets have confirmed against what they hold now.</summary>
internal sealed class VerifyRoutes(AgentHost host)
{
    private const int MaxFindings = 1000;

    /// <summary>The routes.</summary>
    public IEnumerable<ApiRoute> Routes =>
    [
        new("POST", "/v1/verify", "Begins to hold what the bucket has confirmed against what it holds now: of a file, of what is below a folder, or of a whole drive. A drive has one run at a time.", StartAsync)
        {
            Parameters = [ApiParameter.NeededPath, new("deep", "Whether to read all bytes back and compare their checksums. It costs the traffic.", "boolean")],
            Gives = static () => ControlJson.Default.VerifyAnswer,
        },
        new("GET", "/v1/verify", "The newest run of each drive since it was mounted, with what it has found so far, one page. The status has the same without what was found.", ReadAsync)
        {
            Parameters =
            [
                ApiParameter.Mount,
                new("after", "\"next\" of the page before, or how many findings are known already.", "integer"),
                new("limit", "Most findings per drive, at most 1000.", "integer"),
            ],
            Gives = static () => ControlJson.Default.VerifyAnswer,
        },
        new("DELETE", "/v1/verify", "Ends the run of a drive. What was found until then stays to be read.", CancelAsync)
        {
            Parameters = [ApiParameter.Mount with { Summary = "Mount point of the drive.", IsRequired = true }],
            Gives = static () => ControlJson.Default.VerifyAnswer,
        },
    ];

    private Task StartAsync(ApiRequest request)
    {
        var (drive, below) = MountedDrives.Find(host, request.Needed("path"));
        return ReplyAsync(request, [drive.Verification.Start(below, request.Flag("deep"))]);
    }

    private Task ReadAsync(ApiRequest request)
    {
        var runs = MountedDrives.Of(host, request.Text("mount")).Select(drive => drive.Verification.Run).OfType<VerifyRun>();
        return ReplyAsync(request, [.. runs], request.Count("after", 0, DriveVerification.MaxFindings, least: 0), request.Count("limit", MaxFindings, MaxFindings));
    }

    private async Task CancelAsync(ApiRequest request)
    {
        var mount = request.Needed("mount");
        if (MountedDrives.Of(host, mount)[0].Verification.Run is not { Status.State: VerifyState.Running } run)
            throw new CommandException(ExitCodes.NeedsUser, $"{mount} is not being verified.");
        await run.CancelAsync();
        await ReplyAsync(request, [run]);
    }

    private static Task ReplyAsync(ApiRequest request, IReadOnlyList<VerifyRun> runs, int after = 0, int limit = MaxFindings) =>
        request.ReplyAsync(new VerifyAnswer([.. runs.Select(run => run.Read(after, limit))]), ControlJson.Default.VerifyAnswer);
}
