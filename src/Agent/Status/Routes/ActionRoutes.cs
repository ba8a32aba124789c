using SyncAgent.Agent.Composition;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>What the user does with transfers: hold, let go on, try again, end, decide.</summary>
internal sealed class ActionRoutes(AgentHost host)
{
    private const int PageSize = 1000;

    private readonly BucketView _view = new(host);
    private readonly FileHolds _holds = new(host);

    /// <summary>The routes.</summary>
    public IEnumerable<ApiRoute> Routes =>
    [
        new("POST", "/v1/retry", "Tries again what failed, or waits after a failure: all of it, or a file, or what is below a folder.", RetryAsync)
        {
            Parameters = [ApiParameter.Path],
            Gives = static () => ControlJson.Default.RetryAnswer,
        },
        new("POST", "/v1/pause", "Holds drives, also over restarts: what is on its way arrives, and nothing new begins. With a path, a file, or all that waits now at or below a folder: it stops, and goes on where it stopped; what is saved there later is not held.", request => PauseAsync(request, paused: true))
        {
            Parameters = [ApiParameter.Mount, ApiParameter.Path],
            Gives = static () => ControlJson.Default.PauseAnswer,
        },
        new("POST", "/v1/resume", "Lets drives go on; with a path, a file that is held back by itself, or all such at or below a folder. Those stay held when their drive goes on.", request => PauseAsync(request, paused: false))
        {
            Parameters = [ApiParameter.Mount, ApiParameter.Path],
            Gives = static () => ControlJson.Default.PauseAnswer,
        },
        new("POST", "/v1/cancel", "Ends the upload of a file, aborts it on the store, and holds the file back until /v1/resume with its path. Folders are refused.", request => request.ReplyAsync(_holds.Cancel(request.Needed("path")), ControlJson.Default.PauseAnswer))
        {
            Parameters = [ApiParameter.NeededPath],
            Gives = static () => ControlJson.Default.PauseAnswer,
        },
        new("POST", "/v1/interrupted/accept", "Takes what is there of an interrupted or incomplete file for its content.", request => SettleInterruptedAsync(request, accept: true))
        {
            Parameters = [ApiParameter.NeededPath],
            Gives = static () => ControlJson.Default.RetryAnswer,
        },
        new("POST", "/v1/interrupted/discard", "Throws away what was written to an interrupted or incomplete file.", request => SettleInterruptedAsync(request, accept: false))
        {
            Parameters = [ApiParameter.NeededPath],
            Gives = static () => ControlJson.Default.RetryAnswer,
        },
    ];

    private Task PauseAsync(ApiRequest request, bool paused)
    {
        if (request.Text("path") is { } path) return request.ReplyAsync(paused ? _holds.Hold(path) : _holds.Release(path), ControlJson.Default.PauseAnswer);
        var drives = MountedDrives.Of(host, request.Text("mount"));
        foreach (var drive in drives) drive.SetPaused(paused);
        return request.ReplyAsync(new PauseAnswer([.. drives.Select(drive => drive.Row.MountPoint)]), ControlJson.Default.PauseAnswer);
    }

    private async Task SettleInterruptedAsync(ApiRequest request, bool accept)
    {
        await _view.SettleInterruptedAsync(request.Needed("path"), accept, request.Aborted);
        await request.ReplyAsync(new RetryAnswer(1), ControlJson.Default.RetryAnswer);
    }

    private Task RetryAsync(ApiRequest request)
    {
        if (request.Text("path") is not { } path) return request.ReplyAsync(new RetryAnswer(host.Drives.Sum(drive => Retry(drive, ""))), ControlJson.Default.RetryAnswer);
        var (drive, below) = MountedDrives.Find(host, path);
        return request.ReplyAsync(new RetryAnswer(Retry(drive, below)), ControlJson.Default.RetryAnswer);
    }

    // Whatever waits for its time, also because of a store that is away, is looked at with it.
    private long Retry(ILiveDrive drive, string below)
    {
        var now = host.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var nodes = NodeStates.Page(after => host.Reader.OpenOrTroubledNodes(drive.Row.Id, after, PageSize), PageSize)
            .Where(node => node.Problem != Problem.None && NodeStates.IsAtOrBelow(host.Reader.ShownPath(node.Id), below)).ToList();
        host.Journal.Commit(writer =>
        {
            foreach (var node in nodes) writer.Retry(node.Id, now);
        });
        drive.Wake();
        return nodes.Count;
    }
}
