using System.CommandLine;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>Which bucket put, get and ls work on: named by options, or that of a drive, in a configuration file or the state folder,
/// reached as the drive reaches it.</summary>
internal sealed class DirectTarget
{
    private readonly TargetOptions _target;
    private readonly Option<string> _state;
    private readonly Option<string> _drive = new("--drive") { Description = "The drive whose bucket is meant, by its mount point", HelpName = "DIR" };
    private readonly Option<string> _limitUpload = new("--limit-upload") { Description = "Most bytes sent per second, e.g. 2MiB", HelpName = "SIZE" };
    private readonly Option<string> _limitDownload = new("--limit-download") { Description = "Most bytes received per second, e.g. 2MiB", HelpName = "SIZE" };
    private readonly Option<string> _config = new("--config") { Description = "Configuration file (JSON) to take the drive from, as it was mounted", HelpName = "FILE" };
    private readonly CliContext _context;
    private ConfigFile? _file;

    public DirectTarget(Command command, CliContext context)
    {
        _context = context;
        _target = new TargetOptions(command);
        _state = StateOption.AddTo(command);
        command.Options.Add(_drive);
        command.Options.Add(_config);
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
    public string StateFolder(ParseResult parsed) => StateOption.Read(parsed, _state, _context, Configured(parsed)?.State);

    private async Task<TargetSettings> OfDriveAsync(ParseResult parsed, CancellationToken stop)
    {
        var where = parsed.GetValue(_config) ?? StateFolder(parsed);
        var mountPoint = parsed.GetValue(_drive) is { } given ? DriveValidator.Normalise(given) : null;
        var drives = (await ReadDrivesAsync(parsed, stop)).Where(drive => mountPoint is null || drive.MountPoint == mountPoint).ToList();
        return drives.Count switch
        {
            1 => drives[0].Target,
            0 => throw new CommandException(ExitCodes.Usage, $"{where} has no such drive: name a bucket with --endpoint, --region and --bucket."),
            _ => throw new CommandException(
                ExitCodes.Usage, $"{where} has {drives.Count} drives: choose with --drive one of {string.Join(", ", drives.Select(drive => drive.MountPoint))}."),
        };
    }

    private async Task<IReadOnlyList<DriveTarget>> ReadDrivesAsync(ParseResult parsed, CancellationToken stop) => Configured(parsed) is { } file
        ? [.. file.Drives.Select(drive => new DriveTarget(drive.MountPoint, drive.Target))]
        : await StateReader.ReadAsync(
            StateFolder(parsed), async client => (await client.GetDrivesAsync(stop)).Drives, journal => DriveTargets.All(journal, journal.OpenReader()), stop);

    private ConfigFile? Configured(ParseResult parsed) => parsed.GetValue(_config) is { } path ? _file ??= ConfigFile.Read(path) : null;
}
