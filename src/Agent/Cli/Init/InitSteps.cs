using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Setup;

namespace SyncAgent.Agent.Cli.Init;

/// <summary>What a first drive needs, step by step, however it was asked for.</summary>
/// <param name="config">The configuration file, absolute.</param>
/// <param name="state">State folder that was asked for, or null.</param>
/// <param name="context">The world.</param>
internal sealed class InitSteps(string config, string? state, CliContext context)
{
    private readonly Paint _paint = Paint.Of(context);

    /// <summary>Refuse every change.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Let other users in.</summary>
    public bool AllowOther { get; init; }

    /// <summary>Whether what was tried is printed for scripts.</summary>
    public bool Json { get; init; }

    /// <summary>Where a drive is mounted when nobody says: a new folder of the user's, on Windows a free letter.</summary>
    public string DefaultMountPoint => DrivePaths.Normalise(OperatingSystem.IsWindows() ? DrivePaths.NextLetter : Path.Combine(
        context.Environment("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "Drive"));

    /// <summary>A drive on a store of this machine, which is started.</summary>
    public async Task<InitPlan> DemoAsync(string? mountPoint, CancellationToken stop)
    {
        var demo = new DemoStore(DemoStore.DefaultFolder(context.Environment), DriveSetup.CredentialsOf(config), context);
        var (target, keys) = await demo.EnsureAsync(stop);
        if (!Json) await context.Out.WriteLineAsync($"the demo's store runs at {target.Endpoint}, its objects are in {demo.Folder}");
        var plan = new InitPlan(mountPoint ?? DefaultMountPoint, target, DemoStore.Profile, keys);
        return await TryAsync(plan, stop) ? plan : throw new CommandException(ExitCodes.NeedsUser, "the demo's store does not work; nothing was written.");
    }

    /// <summary>Tries the bucket and shows each step.</summary>
    public async Task<bool> TryAsync(InitPlan plan, CancellationToken stop)
    {
        var report = await StoreTrial.RunAsync(plan.Target, plan.ToProvider(context), context.Time, stop, write: !ReadOnly);
        if (Json)
        {
            await JsonOutput.WriteLineAsync(context, report, SetupJson.Default.SetupReport);
            return report.Ok;
        }

        foreach (var step in report.Checks)
        {
            await context.Out.WriteLineAsync($"  {(step.Ok ? _paint.Good("ok") : _paint.Bad("no"))}  {step.Detail}");
            if (step is { Ok: false, Remedy: { } remedy }) await context.Out.WriteLineAsync($"      {remedy}");
        }

        return report.Ok;
    }

    /// <summary>Writes the drive into the configuration file, unless it stands there.</summary>
    public async Task WriteAsync(InitPlan plan)
    {
        if (File.Exists(config) && ConfigFile.Read(config).Drives.Any(drive => drive.MountPoint == plan.MountPoint && IsSame(drive.Target, plan.Target)))
        {
            await SayAsync($"{config} has this drive already");
            return;
        }

        DriveSetup.Add(new DrivePlan(config, plan.MountPoint, plan.Target)
        {
            Keys = plan.Keys, Profile = plan.Profile, ReadOnly = ReadOnly, AllowOther = AllowOther, State = state,
        });
        await SayAsync($"the drive is in {config}{(plan.Keys is null ? "" : $", its keys are in {DriveSetup.CredentialsOf(config)} ({(OperatingSystem.IsWindows() ? "encrypted for you" : "mode 600")})")}");
    }

    /// <summary>Mounts it, by the line that anybody may give.</summary>
    public async Task<int> MountAsync(InitPlan plan)
    {
        string[] line = ["mount", plan.MountPoint, "--config", config, .. state is null ? (string[])[] : ["--state", state]];
        var code = await CommandLine.RunAsync(line, Json ? context with { Out = TextWriter.Null } : context);
        if (code != ExitCodes.Ok) return code;
        await SayAsync($"""

            Copy something in:            {(OperatingSystem.IsWindows() ? $"xcopy /e /i Documents {Path.Join(plan.MountPoint, "Documents")}" : $"cp -r Documents {plan.MountPoint}/")}
            See it go:                    syncagent status --watch
            Have it after every login:    syncagent unmount {plan.MountPoint} && syncagent service install{ConfigOption}
            """);
        return code;
    }

    private string ConfigOption => config == new ServiceScope(system: false, context).DefaultConfig ? "" : $" --config {config}";

    private Task SayAsync(string text) => Json ? Task.CompletedTask : context.Out.WriteLineAsync(text);

    private static bool IsSame(TargetSettings one, TargetSettings other) =>
        (one.Store, one.EndpointHost, one.Bucket, one.Prefix) == (other.Store, other.EndpointHost, other.Bucket, other.Prefix);
}
