using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Setup;
using SyncAgent.Agent.Status.Routes;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Status;

/// <summary>The API: all its routes, and what becomes of their errors.</summary>
internal sealed partial class ControlRoutes
{
    /// <summary>A wait is answered after at most this long; clients that want more ask again.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private readonly ILogger _logger;
    private readonly Dictionary<(string Method, string Path), ApiRoute> _routes;

    /// <summary>Makes the routes of an agent.</summary>
    /// <param name="host">The agent.</param>
    /// <param name="logger">Told of requests that fail.</param>
    /// <param name="home">Where drives that are set up through the API are kept; without it none can be.</param>
    public ControlRoutes(AgentHost host, ILogger logger, SetupHome? home = null)
    {
        _logger = logger;
        Pages = new PageAccess(host.Time);
        Status = new StatusBuilder(host);
        IEnumerable<ApiRoute> all =
        [
            .. new StateRoutes(host, Status, new StatusFeed(host, Status, logger)).Routes,
            .. new DriveRoutes(host).Routes,
            .. new ActionRoutes(host).Routes,
            .. new BucketRoutes(host).Routes,
            .. new VerifyRoutes(host).Routes,
            .. new PageRoutes(Pages).Routes,
            .. new PublicRoutes(host, Token).Routes,
            .. home is null ? [] : new SetupRoutes(new DriveAdder(host, home), host.Journal.Folder).Routes,
            new("GET", OpenApi.Path, "This document.", DescribeAsync) { MediaType = "application/json" },
        ];
        _routes = all.ToDictionary(route => (route.Method, route.Path));
    }

    /// <summary>The secret of this run: who knows it may do what the user may.</summary>
    public string Token { get; } = ControlProof.NewToken();

    /// <summary>Takes the agent's picture.</summary>
    public StatusBuilder Status { get; }

    /// <summary>The browsers that were let in.</summary>
    public PageAccess Pages { get; }

    /// <summary>Whether a request is answered without a token.</summary>
    public bool IsPublic(HttpRequest request) => Find(request) is { IsPublic: true };

    /// <summary>Answers a request that may be answered.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        if (Find(context.Request) is not { } route)
        {
            await FailAsync(context, StatusCodes.Status404NotFound, "no such path.", ExitCodes.Usage);
            return;
        }

        try
        {
            await route.Answer(new ApiRequest(context, route));
        }
        catch (CommandException e)
        {
            await FailAsync(context, e.ExitCode == ExitCodes.Usage ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict, e.Message, e.ExitCode);
        }
        catch (FieldException e)
        {
            await FailAsync(context, StatusCodes.Status400BadRequest, e.Message, ExitCodes.Usage, e.Field);
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

    /// <summary>Answers with an error, unless an answer has begun.</summary>
    public static Task FailAsync(HttpContext context, int status, string error, int exitCode, string? field = null)
    {
        if (context.Response.HasStarted) return Task.CompletedTask;
        context.Response.StatusCode = status;
        return ApiRequest.ReplyAsync(context, new ErrorAnswer(error, exitCode) { Field = field }, ControlJson.Default.ErrorAnswer);
    }

    private async Task DescribeAsync(ApiRequest request)
    {
        request.Context.Response.ContentType = "application/json";
        await request.Context.Response.WriteAsync(OpenApi.Describe(_routes.Values).ToJsonString(), request.Aborted);
    }

    private ApiRoute? Find(HttpRequest request) => _routes.GetValueOrDefault((request.Method, request.Path.Value ?? ""));
}
