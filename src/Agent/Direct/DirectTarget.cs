using System.CommandLine;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>Which bucket put, get and ls work on: named by options, or that of a drive.</summary>
internal sealed class DirectTarget
{
    private readonly TargetOptions _target;
    private readonly Option<string> _state;
    private readonly Option<string> _drive = new("--drive") { Description = "The drive whose bucket is meant, by its mount point", HelpName = "DIR" };
    private readonly CliContext _context;

    public DirectTarget(Command command, CliContext context)
    {
        _context = context;
        _target = new TargetOptions(command);
        _state = StateOption.AddTo(command);
        command.Options.Add(_drive);
    }

    /// <summary>The bucket that a command line means.</summary>
    public async Task<TargetSettings> ResolveAsync(ParseResult parsed, CancellationToken stop)
    {
        if (_target.AnyGiven(parsed))
        {
            var mistakes = new List<string>();
            return TargetValidator.Check(_target.Draft(parsed), TargetOptions.NameOf, mistakes) ?? throw CommandException.Configuration(mistakes);
        }

        var state = StateOption.Read(parsed, _state, _context);
        var mountPoint = parsed.GetValue(_drive) is { } given ? DriveValidator.Normalise(given) : null;
        var drives = (await ReadDrivesAsync(state, stop)).Where(drive => mountPoint is null || drive.MountPoint == mountPoint).ToList();
        return drives.Count switch
        {
            1 => new TargetSettings(
                drives[0].Store, NullIfEmpty(drives[0].Endpoint), NullIfEmpty(drives[0].Region), drives[0].Bucket, drives[0].Prefix,
                OssAddressing.Auto, AllowHttp: true),
            0 => throw new CommandException(ExitCodes.Usage, $"{state} has no such drive: name a bucket with --endpoint, --region and --bucket."),
            _ => throw new CommandException(
                ExitCodes.Usage, $"{state} has {drives.Count} drives: choose with --drive one of {string.Join(", ", drives.Select(drive => drive.MountPoint))}."),
        };
    }

    /// <summary>Opens the bucket with the keys of the environment.</summary>
    public static StoreAccess Open(TargetSettings target, CliContext context, Action<StoreException>? onRepeat = null) =>
        new(target, Credentials.FromEnvironment(context.Environment), context.Time, onRepeat);

    /// <summary>The state folder that a command line means.</summary>
    public string StateFolder(ParseResult parsed) => StateOption.Read(parsed, _state, _context);

    private static async Task<IReadOnlyList<DriveRow>> ReadDrivesAsync(string state, CancellationToken stop)
    {
        if (await ControlClient.TryConnectAsync(state, stop) is { } client)
        {
            using (client)
            {
                var status = await client.GetStatusAsync(stop);
                return [.. status.Drives.Select(drive => new DriveRow(0, 0, drive.Store, drive.Endpoint, drive.Region, drive.Bucket, drive.Prefix, drive.MountPoint))];
            }
        }

        if (!File.Exists(Path.Combine(state, "journal.db"))) return [];
        using var taken = AgentLock.TryTake(state) ?? throw StatusCommand.NoAgent(state);
        using var journal = JournalStore.Open(state);
        return [.. journal.OpenReader().Drives().Where(drive => drive.MountPoint.Length > 0)];
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
