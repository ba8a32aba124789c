using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Setup;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>A new drive: its bucket is tried live, then it is written down and mounted.</summary>
internal sealed class SetupRoutes(DriveAdder adder, string stateFolder)
{
    /// <summary>The routes.</summary>
    public IEnumerable<ApiRoute> Routes =>
    [
        new("POST", "/v1/setup/test", "Tries a bucket step by step with the given keys; an object is written there and deleted again. Nothing is kept.", TestAsync)
        {
            Body = static () => SetupJson.Default.SetupRequest,
            Gives = static () => SetupJson.Default.SetupReport,
        },
        new("POST", "/v1/setup/drives", "Tries a bucket, adds the drive to the configuration file with its keys in a file of mode 600, and mounts it.", AddAsync)
        {
            Body = static () => SetupJson.Default.SetupRequest,
            Gives = static () => ControlJson.Default.MountAnswer,
        },
    ];

    private async Task TestAsync(ApiRequest request)
    {
        var asked = await request.ReadAsync(SetupJson.Default.SetupRequest);
        var mistakes = new List<string>();
        var target = asked.ToTarget(mistakes) ?? throw new FieldException(mistakes);
        await request.ReplyAsync(await adder.TryAsync(target, asked.Credentials!, request.Aborted), SetupJson.Default.SetupReport);
    }

    private async Task AddAsync(ApiRequest request)
    {
        var asked = await request.ReadAsync(SetupJson.Default.SetupRequest);
        var mistakes = new List<string>();
        var target = asked.ToTarget(mistakes);
        var mountPoint = "";
        if (asked.MountPoint is not { Length: > 0 } given || !Path.IsPathFullyQualified(given)) mistakes.Add("mountPoint: expected a whole path, from the root.");
        else DriveValidator.CheckMountPoint(mountPoint = DrivePaths.Normalise(given), stateFolder, "mountPoint", mistakes);
        if (mistakes.Count > 0) throw new FieldException(mistakes);
        await request.ReplyAsync(new MountAnswer(await adder.AddAsync(target!, asked, mountPoint, request.Aborted), AlreadyMounted: false), ControlJson.Default.MountAnswer);
    }
}
