using SyncAgent.Agent.Composition;
using SyncAgent.Journal;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>How drives see their buckets, and removed objects that are still to be deleted.</summary>
internal sealed class BucketRoutes(AgentHost host)
{
    private const int UsualDeletesNamed = 1000;
    private const int MaxDeletesNamed = 100_000;

    private readonly BucketView _view = new(host);

    /// <summary>The routes.</summary>
    public IEnumerable<ApiRoute> Routes =>
    [
        new("POST", "/v1/refresh", "Lists a folder of the bucket again.", RefreshAsync)
        {
            Parameters = [ApiParameter.Path, new("recursive", "Whether to list what is below it too.", "boolean")],
            Gives = static () => ControlJson.Default.RefreshAnswer,
        },
        new("GET", "/v1/hidden", "Keys that drives cannot show.", request => request.ReplyAsync(_view.Hidden(), ControlJson.Default.HiddenAnswer))
        {
            Gives = static () => ControlJson.Default.HiddenAnswer,
        },
        new("GET", "/v1/pins", "What is kept on this machine.", request => request.ReplyAsync(_view.Pins(), ControlJson.Default.PinsAnswer))
        {
            Gives = static () => ControlJson.Default.PinsAnswer,
        },
        new("PUT", "/v1/pins", "Keeps a file or folder on this machine.", request => ChangePinAsync(request, pinned: true))
        {
            Parameters = [ApiParameter.NeededPath],
            Gives = static () => ControlJson.Default.PinStatus,
        },
        new("DELETE", "/v1/pins", "Lets what is kept on this machine go.", request => ChangePinAsync(request, pinned: false))
        {
            Parameters = [ApiParameter.NeededPath],
            Gives = static () => ControlJson.Default.PinStatus,
        },
        new("GET", "/v1/deletes", "Removed objects that are still to be deleted.", ListDeletesAsync)
        {
            Parameters = [ApiParameter.Mount, new("limit", "Most that are named per drive, at most 100,000.", "integer")],
            Gives = static () => ControlJson.Default.DeletesAnswer,
        },
        new("POST", "/v1/deletes/confirm", "Lets all that is removed now be deleted.", request => DecideDeletesAsync(request, confirm: true))
        {
            Parameters = [ApiParameter.Mount],
            Gives = static () => ControlJson.Default.DeletesDone,
        },
        new("POST", "/v1/deletes/restore", "Takes removals back.", request => DecideDeletesAsync(request, confirm: false))
        {
            Parameters = [ApiParameter.Mount],
            Gives = static () => ControlJson.Default.DeletesDone,
        },
    ];

    private async Task RefreshAsync(ApiRequest request) => await request.ReplyAsync(
        await _view.RefreshAsync(request.Text("path"), request.Flag("recursive"), request.Aborted), ControlJson.Default.RefreshAnswer);

    private async Task ChangePinAsync(ApiRequest request, bool pinned) => await request.ReplyAsync(
        await _view.ChangePinAsync(request.Needed("path"), pinned, request.Aborted), ControlJson.Default.PinStatus);

    private Task ListDeletesAsync(ApiRequest request)
    {
        var limit = request.Count("limit", UsualDeletesNamed, MaxDeletesNamed);
        var drives = MountedDrives.Of(host, request.Text("mount")).Select(drive => new DriveDeletes(
            drive.Row.MountPoint, MassDelete.IsHeld(host.Journal, drive.Row.Id), host.Reader.CountRemovedKeys(drive.Row.Id),
            [.. host.Reader.RemovedKeys(drive.Row.Id, "", limit).Select(row => KeyNames.ToPath(row.Key[drive.Row.Prefix.Length..]))]));
        return request.ReplyAsync(new DeletesAnswer([.. drives]), ControlJson.Default.DeletesAnswer);
    }

    private Task DecideDeletesAsync(ApiRequest request, bool confirm)
    {
        var drives = MountedDrives.Of(host, request.Text("mount"));
        long count = 0;
        foreach (var drive in drives)
        {
            if (confirm)
            {
                count += host.Reader.CountRemovedKeys(drive.Row.Id);
                drive.ConfirmDeletes();
            }
            else
            {
                count += drive.RestoreDeletes();
            }
        }

        return request.ReplyAsync(new DeletesDone([.. drives.Select(drive => drive.Row.MountPoint)], count), ControlJson.Default.DeletesDone);
    }
}
