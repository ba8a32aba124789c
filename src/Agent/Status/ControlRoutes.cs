using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Agent.Status;

/// <summary>What the API's paths do.</summary>
internal sealed partial class ControlRoutes(AgentHost host, ILogger logger)
{
    /// <summary>A wait is answered after at most this long; clients that want more ask again.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private const int MaxFiles = 1000;

    private readonly StatusBuilder _status = new(host);
    private readonly WaitEvaluator _wait = new(host);
    private readonly BucketView _view = new(host);

    /// <summary>Answers a request that has shown the token.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (CommandException e)
        {
            await FailAsync(context, StatusCodes.Status409Conflict, e.Message, e.ExitCode);
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException)
        {
            await FailAsync(context, StatusCodes.Status400BadRequest, e.Message, ExitCodes.Usage);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // nobody listens any more
        }
        catch (Exception e) when (e is IOException or JournalException or StoreException or UnauthorizedAccessException)
        {
            LogFailed(e, context.Request.Method, context.Request.Path.Value);
            await FailAsync(context, StatusCodes.Status500InternalServerError, e.Message, ExitCodes.NeedsUser);
        }
    }

    /// <summary>Sends a value as JSON.</summary>
    public static Task ReplyAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }

    private Task RouteAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", "/v1/status") => ReplyAsync(context, _status.Build(), ControlJson.Default.StatusSnapshot),
        ("GET", "/v1/files") => ListFilesAsync(context),
        ("GET", "/v1/wait") => WaitAsync(context),
        ("GET", "/v1/drives") => ReplyAsync(context, new DrivesAnswer(DriveTargets.All(host.Reader)), ControlJson.Default.DrivesAnswer),
        ("POST", "/v1/drives") => MountAsync(context),
        ("DELETE", "/v1/drives") => UnmountAsync(context),
        ("GET", "/v1/limits") => ReplyAsync(context, host.Bandwidth.Read(), ControlJson.Default.LimitsStatus),
        ("PUT", "/v1/limits") => ChangeLimitsAsync(context),
        ("POST", "/v1/retry") => RetryAsync(context),
        ("POST", "/v1/pause") => PauseAsync(context, paused: true),
        ("POST", "/v1/resume") => PauseAsync(context, paused: false),
        ("GET", "/v1/deletes") => ListDeletesAsync(context),
        ("POST", "/v1/deletes/confirm") => DecideDeletesAsync(context, confirm: true),
        ("POST", "/v1/deletes/restore") => DecideDeletesAsync(context, confirm: false),
        ("POST", "/v1/interrupted/accept") => SettleInterruptedAsync(context, accept: true),
        ("POST", "/v1/interrupted/discard") => SettleInterruptedAsync(context, accept: false),
        ("POST", "/v1/refresh") => RefreshAsync(context),
        ("GET", "/v1/hidden") => ReplyAsync(context, _view.Hidden(), ControlJson.Default.HiddenAnswer),
        ("GET", "/v1/pins") => ReplyAsync(context, _view.Pins(), ControlJson.Default.PinsAnswer),
        ("PUT", "/v1/pins") => ChangePinAsync(context, pinned: true),
        ("DELETE", "/v1/pins") => ChangePinAsync(context, pinned: false),
        ("GET", "/v1/uploads") => ReplyAsync(context, new UploadsAnswer(KnownUploads.Of(host.Reader)), ControlJson.Default.UploadsAnswer),
        ("POST", "/v1/shutdown") => StopAsync(context),
        _ => FailAsync(context, StatusCodes.Status404NotFound, "no such path.", ExitCodes.Usage),
    };

    private Task ListFilesAsync(HttpContext context)
    {
        FileState? state = null;
        if (context.Request.Query["state"] is [{ Length: > 0 } name])
        {
            if (!Enum.TryParse<FileState>(name, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
                return FailAsync(context, StatusCodes.Status400BadRequest, $"\"{name}\" is not a state.", ExitCodes.Usage);
            state = parsed;
        }

        return ReplyAsync(context, _status.Files(state, MaxFiles), ControlJson.Default.FilesAnswer);
    }

    private async Task WaitAsync(HttpContext context)
    {
        var query = context.Request.Query;
        string? path = query["path"] is [{ Length: > 0 } given] ? given : null;
        var time = TimeSpan.Zero;
        if (query["timeout"] is [{ Length: > 0 } text]) time = Seconds(text, "timeout") is var asked && asked < LongestWait ? asked : LongestWait;

        using var stop = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stop.Token);
        var waiting = _wait.WaitAsync(path, time, either.Token);
        if (await Task.WhenAny(waiting, host.StopRequested) != waiting) await stop.CancelAsync();
        try
        {
            await ReplyAsync(context, await waiting, ControlJson.Default.WaitAnswer);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, "the agent ends.", ExitCodes.TimedOut);
        }
    }

    private async Task MountAsync(HttpContext context)
    {
        var request = await JsonSerializer.DeserializeAsync(context.Request.Body, ControlJson.Default.MountRequest, context.RequestAborted)
            ?? throw new JsonException("expected a drive.");
        ICredentialsProvider credentials = request.Credentials is { } given
            ? new StaticCredentials(given)
            : new EnvironmentCredentials(Environment.GetEnvironmentVariable, Credentials.VariablesOf(request.Drive.Target.Store));
        // A drive that is half mounted when the client goes away would be nobody's: this is carried through.
        var already = await host.MountAsync(request.Drive, request.Engine, credentials, CancellationToken.None);
        await ReplyAsync(context, new MountAnswer(request.Drive.MountPoint, already), ControlJson.Default.MountAnswer);
    }

    private async Task ChangeLimitsAsync(HttpContext context)
    {
        var request = await JsonSerializer.DeserializeAsync(context.Request.Body, ControlJson.Default.LimitsRequest, context.RequestAborted)
            ?? throw new JsonException("expected limits.");
        if (request.Upload?.BytesPerSecond < 0 || request.Download?.BytesPerSecond < 0) throw new BadHttpRequestException("a limit is not negative.");
        await ReplyAsync(context, host.Bandwidth.Change(request), ControlJson.Default.LimitsStatus);
    }

    private async Task UnmountAsync(HttpContext context)
    {
        if (context.Request.Query["mount"] is not [{ Length: > 0 } mountPoint]) throw new BadHttpRequestException("mount: not given.");
        TimeSpan? patience = context.Request.Query["patience"] is [{ Length: > 0 } text] ? Seconds(text, "patience") : null;
        // Who gives up waiting for writers keeps the drive; once it goes, it goes.
        var answer = await host.UnmountAsync(mountPoint, patience, context.RequestAborted);
        await ReplyAsync(context, answer, ControlJson.Default.UnmountAnswer);
    }

    private Task PauseAsync(HttpContext context, bool paused)
    {
        var drives = DrivesOf(context);
        foreach (var drive in drives) drive.SetPaused(paused);
        return ReplyAsync(context, new PauseAnswer([.. drives.Select(drive => drive.Row.MountPoint)]), ControlJson.Default.PauseAnswer);
    }

    private async Task RefreshAsync(HttpContext context)
    {
        var query = context.Request.Query;
        string? path = query["path"] is [{ Length: > 0 } given] ? given : null;
        var answer = await _view.RefreshAsync(path, query["recursive"] is ["true"], context.RequestAborted);
        await ReplyAsync(context, answer, ControlJson.Default.RefreshAnswer);
    }

    private async Task ChangePinAsync(HttpContext context, bool pinned)
    {
        if (context.Request.Query["path"] is not [{ Length: > 0 } path]) throw new BadHttpRequestException("path: not given.");
        await ReplyAsync(context, await _view.ChangePinAsync(path, pinned, context.RequestAborted), ControlJson.Default.PinStatus);
    }

    private async Task SettleInterruptedAsync(HttpContext context, bool accept)
    {
        if (context.Request.Query["path"] is not [{ Length: > 0 } path]) throw new BadHttpRequestException("path: not given.");
        await _view.SettleInterruptedAsync(path, accept, context.RequestAborted);
        await ReplyAsync(context, new RetryAnswer(1), ControlJson.Default.RetryAnswer);
    }

    private Task RetryAsync(HttpContext context)
    {
        long count = 0;
        var now = host.Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var drive in host.Drives)
        {
            var nodes = NodeStates.Page(after => host.Reader.OpenOrTroubledNodes(drive.Row.Id, after, MaxFiles), MaxFiles)
                .Where(node => node.Problem != Problem.None).ToList();
            host.Journal.Commit(writer =>
            {
                foreach (var node in nodes) writer.Retry(node.Id, now);
            });
            count += nodes.Count;
            drive.Wake();
        }

        return ReplyAsync(context, new RetryAnswer(count), ControlJson.Default.RetryAnswer);
    }

    private Task StopAsync(HttpContext context)
    {
        host.RequestStop();
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }

    private static TimeSpan Seconds(string text, string name)
    {
        const double Most = 1e9;
        return double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, Most))
            : throw new BadHttpRequestException($"{name}: expected seconds.");
    }

    private static Task FailAsync(HttpContext context, int status, string error, int exitCode)
    {
        if (context.Response.HasStarted) return Task.CompletedTask;
        context.Response.StatusCode = status;
        return ReplyAsync(context, new ErrorAnswer(error, exitCode), ControlJson.Default.ErrorAnswer);
    }
}
