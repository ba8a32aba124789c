using Microsoft.AspNetCore.Http;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Direct;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>How things are: the picture of the agent, now and as it changes, files, history, waits.</summary>
internal sealed class StateRoutes(AgentHost host, StatusBuilder status, StatusFeed feed)
{
    private const int UsualEntries = 100;

    private readonly WaitEvaluator _wait = new(host);
    private readonly FileLister _files = new(host);
    private readonly HistoryLister _history = new(host);

    /// <summary>The routes.</summary>
    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", "/v1/status", "The picture of the agent.", request => request.ReplyAsync(status.Build(request.Flag("lag")), ControlJson.Default.StatusSnapshot))
        {
            Parameters = [new("lag", "For those who ask again and again: counts may be some seconds old while there are very many files.", "boolean")],
            Gives = static () => ControlJson.Default.StatusSnapshot,
        },
        new("GET", "/v1/events", "Server-sent events: \"status\" (as of /v1/status, at once and then when it has changed, at most twice a second), \"problem\" (a FileReport that newly needs the user), \"done\" (a DoneEvent, when a long queue has been worked off).", WatchAsync)
        {
            MediaType = "text/event-stream",
        },
        new("GET", "/v1/files", "Files that are not at rest, one page. A page of a search may hold fewer files than asked for, or none, and say that there is more.", ListFilesAsync)
        {
            Parameters =
            [
                new("state", "Only files in these states, joined with commas."),
                ApiParameter.Mount,
                new("search", "A part of the path; upper and lower case are the same."),
                new("after", "\"next\" of the page before."),
                new("limit", "Most files, at most 1000.", "integer"),
            ],
            Gives = static () => ControlJson.Default.FilesAnswer,
        },
        new("GET", "/v1/history", "What happened, newest first, one page. The last 20,000 entries are kept.", ListHistoryAsync)
        {
            Parameters =
            [
                new("search", "A part of the object's key; upper and lower case letters of English are the same."),
                new("before", "\"next\" of the page before."),
                new("limit", "Most entries, at most 1000.", "integer"),
            ],
            Gives = static () => ControlJson.Default.HistoryAnswer,
        },
        new("GET", "/v1/wait", "Waits until nothing goes on by itself any more, at most 20 seconds.", WaitAsync)
        {
            Parameters = [ApiParameter.Path, new("timeout", "Seconds.", "number")],
            Gives = static () => ControlJson.Default.WaitAnswer,
        },
        new("GET", "/v1/uploads", "The multipart uploads that the journal knows.", request => request.ReplyAsync(new UploadsAnswer(KnownUploads.Of(host.Reader)), ControlJson.Default.UploadsAnswer))
        {
            Gives = static () => ControlJson.Default.UploadsAnswer,
        },
    ];

    private async Task WatchAsync(ApiRequest request)
    {
        if (!await feed.ServeAsync(request.Context)) throw new CommandException(ExitCodes.NeedsUser, "too many watch already; close some.");
    }

    private Task ListFilesAsync(ApiRequest request)
    {
        var query = new FilesQuery(
            StatesOf(request.Text("state")), request.Text("mount"), request.Text("search"), request.Text("after"),
            request.Count("limit", FileLister.MaxFiles, FileLister.MaxFiles));
        return request.ReplyAsync(_files.List(query), ControlJson.Default.FilesAnswer);
    }

    private Task ListHistoryAsync(ApiRequest request) => request.ReplyAsync(
        _history.List(request.Text("search"), request.Text("before"), request.Count("limit", UsualEntries, HistoryLister.MaxEntries)),
        ControlJson.Default.HistoryAnswer);

    private static HashSet<FileState>? StatesOf(string? names)
    {
        if (names is null) return null;
        var states = new HashSet<FileState>();
        foreach (var name in names.Split(','))
        {
            if (!Enum.TryParse<FileState>(name, ignoreCase: true, out var state) || !Enum.IsDefined(state))
                throw new BadHttpRequestException($"\"{name}\" is not a state.");
            states.Add(state);
        }

        return states;
    }

    private async Task WaitAsync(ApiRequest request)
    {
        var time = request.Seconds("timeout") is { } asked ? asked < ControlRoutes.LongestWait ? asked : ControlRoutes.LongestWait : TimeSpan.Zero;
        using var stop = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stop.Token);
        var waiting = _wait.WaitAsync(request.Text("path"), time, either.Token);
        if (await Task.WhenAny(waiting, host.StopRequested) != waiting) await stop.CancelAsync();
        try
        {
            await request.ReplyAsync(await waiting, ControlJson.Default.WaitAnswer);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await ControlRoutes.FailAsync(request.Context, StatusCodes.Status503ServiceUnavailable, "the agent ends.", ExitCodes.TimedOut);
        }
    }
}
