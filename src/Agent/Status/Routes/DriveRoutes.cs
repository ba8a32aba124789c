using Microsoft.AspNetCore.Http;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>Drives, bandwidth and the end.</summary>
internal sealed class DriveRoutes(AgentHost host)
{
    /// <summary>The routes.</summary>
    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", "/v1/drives", "Drives that have a mount point, and their buckets.", request => request.ReplyAsync(new DrivesAnswer(DriveTargets.All(host.Reader)), ControlJson.Default.DrivesAnswer))
        {
            Gives = static () => ControlJson.Default.DrivesAnswer,
        },
        new("POST", "/v1/drives", "Mounts a drive.", MountAsync)
        {
            Body = static () => ControlJson.Default.MountRequest,
            Gives = static () => ControlJson.Default.MountAnswer,
        },
        new("DELETE", "/v1/drives", "Unmounts a drive as soon as nobody writes to it.", UnmountAsync)
        {
            Parameters =
            [
                ApiParameter.Mount with { Summary = "Mount point of the drive.", IsRequired = true },
                new("patience", "Seconds that programs that write may take.", "number"),
            ],
            Gives = static () => ControlJson.Default.UnmountAnswer,
        },
        new("GET", "/v1/limits", "The bandwidth.", request => request.ReplyAsync(host.Bandwidth.Read(), ControlJson.Default.LimitsStatus))
        {
            Gives = static () => ControlJson.Default.LimitsStatus,
        },
        new("PUT", "/v1/limits", "Changes the bandwidth by hand, also over restarts.", ChangeLimitsAsync)
        {
            Body = static () => ControlJson.Default.LimitsRequest,
            Gives = static () => ControlJson.Default.LimitsStatus,
        },
        new("POST", "/v1/shutdown", "Ends the agent: its drives are unmounted as soon as nobody writes to them.", StopAsync),
    ];

    private async Task MountAsync(ApiRequest request)
    {
        var order = await request.ReadAsync(ControlJson.Default.MountRequest);
        ICredentialsProvider credentials = order.Credentials is { } given
            ? new StaticCredentials(given)
            : new EnvironmentCredentials(Environment.GetEnvironmentVariable, Credentials.VariablesOf(order.Drive.Target.Store));
        // A drive that is half mounted when the client goes away would be nobody's: this is carried through.
        var already = await host.MountAsync(order.Drive, order.Engine, credentials, CancellationToken.None);
        await request.ReplyAsync(new MountAnswer(order.Drive.MountPoint, already), ControlJson.Default.MountAnswer);
    }

    // Who gives up waiting for writers keeps the drive; once it goes, it goes.
    private async Task UnmountAsync(ApiRequest request) => await request.ReplyAsync(
        await host.UnmountAsync(request.Needed("mount"), request.Seconds("patience"), request.Aborted), ControlJson.Default.UnmountAnswer);

    private async Task ChangeLimitsAsync(ApiRequest request)
    {
        var change = await request.ReadAsync(ControlJson.Default.LimitsRequest);
        if (change.Upload?.BytesPerSecond < 0 || change.Download?.BytesPerSecond < 0) throw new BadHttpRequestException("a limit is not negative.");
        await request.ReplyAsync(host.Bandwidth.Change(change), ControlJson.Default.LimitsStatus);
    }

    private Task StopAsync(ApiRequest request)
    {
        host.RequestStop();
        request.Context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }
}
