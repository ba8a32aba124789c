using System.CommandLine;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>Which bucket put, get and ls work on: named by options, or that of a drive, reached as the drive reaches it.</summary>
internal sealed class DirectTarget
{
    private readonly TargetOptions _target;
    private readonly Option<string> _state;
    private readonly Option<string> _drive = new("--drive") { Description = "The drive whose bucket is meant, by its mount point", HelpName = "DIR" };
    private readonly Option<string> _limitUpload = new("--limit-upload") { Description = "Most bytes sent per second, e.g. 2MiB", HelpName = "SIZE" };
    private readonly Option<string> _limitDownload = new("--limit-download") { Description = "Most bytes received per second, e.g. 2MiB", HelpName = "SIZE" };
    private readonly CliContext _context;

    public DirectTarget(Command command, CliContext context)
    {
        _context = context;
        _target = new TargetOptions(command);
        _state = StateOption.AddTo(command);
        command.Options.Add(_drive);
        if (command.Name == "put") command.Options.Add(_limitUpload);
        if (command.Name == "get") command.Options.Add(_limitDownload);
    }

    /// <summary>The bucket that a command line means.</summary>
    public async Task<TargetSettings> ResolveAsync(ParseResult parsed, CancellationToken stop)
    {
        var mistakes = new List<string>();
        var limits = new BandwidthLimits(
            EngineOptions.Rate(parsed, _limitUpload, mistakes) ?? 0, EngineOptions.Rate(parsed, _limitDownload, mistakes) ?? 0);
        var target = _target.AnyGiven(parsed)
            ? _target.Read(parsed, mistakes)
            : _target.ApplyAccess(parsed, await OfDriveAsync(parsed, stop), mistakes);
        return target is not null && mistakes.Count == 0 ? target with { Limits = limits } : throw CommandException.Configuration(mistakes);
    }

    /// <summary>Opens the bucket.</summary>
    public static StoreAccess Open(TargetSettings target, CliContext context, Action<StoreException>? onRepeat = null)
    {
        if (Credentials.Missing(target, context.Environment) is { } missing) throw CommandException.Configuration([missing]);
        return new StoreAccess(target, new EnvironmentCredentials(context.Environment, Credentials.VariablesOf(target.Store)), context.Time, onRepeat);
    }

    /// <summary>The state folder that a command line means.</summary>
    public string StateFolder(ParseResult parsed) => StateOption.Read(parsed, _state, _context);

    private async Task<TargetSettings> OfDriveAsync(ParseResult parsed, CancellationToken stop)
    {
        var state = StateFolder(parsed);
        var mountPoint = parsed.GetValue(_drive) is { } given ? DriveValidator.Normalise(given) : null;
        var drives = (await ReadDrivesAsync(state, stop)).Where(drive => mountPoint is null || drive.MountPoint == mountPoint).ToList();
        return drives.Count switch
        {
            1 => drives[0].Target,
            0 => throw new CommandException(ExitCodes.Usage, $"{state} has no such drive: name a bucket with --endpoint, --region and --bucket."),
            _ => throw new CommandException(
                ExitCodes.Usage, $"{state} has {drives.Count} drives: choose with --drive one of {string.Join(", ", drives.Select(drive => drive.MountPoint))}."),
        };
    }

    private static async Task<IReadOnlyList<DriveTarget>> ReadDrivesAsync(string state, CancellationToken stop)
    {
        if (await ControlClient.TryConnectAsync(state, stop) is { } client)
        {
            using (client) return (await client.GetDrivesAsync(stop)).Drives;
        }

        if (!File.Exists(Path.Combine(state, "journal.db"))) return [];
        using var taken = AgentLock.TryTake(state) ?? throw StatusCommand.NoAgent(state);
        using var journal = JournalStore.Open(state);
        return DriveTargets.All(journal, journal.OpenReader());
    }
}
