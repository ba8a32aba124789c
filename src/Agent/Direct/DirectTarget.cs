using System.CommandLine;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Cli.Completion;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Agent.Status;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>Which bucket put, get and ls work on: named by options, or that of a drive, in a configuration file or the state folder,
/// reached as the drive reaches it.</summary>
internal sealed class DirectTarget
{
    private readonly Option<string> _state;
    private readonly Option<string> _drive = new("--drive") { Description = "The drive whose bucket is meant, by its mount point", HelpName = "DIR" };
    private readonly Option<string> _config = new("--config") { Description = "Configuration file (JSON) to take the drive from, as it was mounted", HelpName = "FILE" };
    private readonly CliContext _context;
    private ConfigFile? _file;

    public DirectTarget(Command command, CliContext context)
    {
        _context = context;
        TargetOptions.AddTo(command);
        _state = StateOption.AddTo(command);
        _drive.CompletionSources.Add(MountPoints.Of(context));
        command.Options.Add(_drive);
        command.Options.Add(_config);
        if (command.Name == "put") GivenOptions.AddTo(command, LimitKeys.Upload);
        if (command.Name == "get") GivenOptions.AddTo(command, LimitKeys.Download);
    }

    /// <summary>The bucket that a command line means.</summary>
    public async Task<TargetSettings> ResolveAsync(ParseResult parsed, CancellationToken stop)
    {
        var mistakes = new List<string>();
        var given = new GivenOptions(parsed, mistakes);
        var limits = new BandwidthLimits(given.Value(LimitKeys.Upload) ?? 0, given.Value(LimitKeys.Download) ?? 0);
        var target = TargetOptions.AnyGiven(parsed)
            ? TargetOptions.Read(parsed, mistakes)
            : TargetOptions.ApplyAccess(parsed, await OfDriveAsync(parsed, stop), mistakes);
        return target is not null && mistakes.Count == 0 ? target with { Limits = limits } : throw CommandException.Configuration(mistakes);
    }

    /// <summary>Opens the bucket.</summary>
    public static StoreAccess Open(TargetSettings target, CliContext context, Action<StoreException>? onRepeat = null)
    {
        if (Credentials.Missing(target, context.Environment) is { } missing) throw CommandException.Configuration([missing]);
        return new StoreAccess(target, new EnvironmentCredentials(context.Environment, Credentials.VariablesOf(target.Store)), context.Time, onRepeat);
    }

    /// <summary>The drives that a command line means, all when it names none, reached as it says.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="read">Reads the drives of the state folder, where no configuration file is named.</param>
    public IReadOnlyList<DriveTarget> Drives(ParseResult parsed, Func<IReadOnlyList<DriveTarget>> read)
    {
        var mistakes = new List<string>();
        var mountPoint = parsed.GetValue(_drive) is { } given ? DrivePaths.Normalise(given) : null;
        var drives = (OfConfiguration(parsed) ?? read()).Where(drive => mountPoint is null || drive.MountPoint == mountPoint)
            .Select(drive => drive with { Target = TargetOptions.ApplyAccess(parsed, drive.Target, mistakes) })
            .ToList();
        if (mistakes.Count > 0) throw CommandException.Configuration(mistakes);
        return drives.Count > 0 || mountPoint is null
            ? drives
            : throw new CommandException(ExitCodes.Usage, $"{parsed.GetValue(_config) ?? StateFolder(parsed)} has no drive at {mountPoint}.");
    }

    /// <summary>Whether a command line says how to reach buckets, instead of leaving that to their drives.</summary>
    public bool NamesAccess(ParseResult parsed) => TargetOptions.NamesAccess(parsed);

    /// <summary>The state folder that a command line means.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="known">The one that is meant when it names none, or null for the user's default.</param>
    public string StateFolder(ParseResult parsed, string? known = null) => StateOption.Read(parsed, _state, _context, Configured(parsed)?.State ?? known);

    /// <summary>The configuration file that a command line names, or null.</summary>
    public ConfigFile? Configured(ParseResult parsed) => parsed.GetValue(_config) is { } path ? _file ??= ConfigFile.Read(path) : null;

    /// <summary>Path of the configuration file that a command line names, or null.</summary>
    public string? ConfigPath(ParseResult parsed) => parsed.GetValue(_config) is { } path ? Path.GetFullPath(path) : null;

    private async Task<TargetSettings> OfDriveAsync(ParseResult parsed, CancellationToken stop)
    {
        var where = parsed.GetValue(_config) ?? StateFolder(parsed);
        var mountPoint = parsed.GetValue(_drive) is { } given ? DrivePaths.Normalise(given) : null;
        var drives = (await ReadDrivesAsync(parsed, stop)).Where(drive => mountPoint is null || drive.MountPoint == mountPoint).ToList();
        return drives.Count switch
        {
            1 => drives[0].Target,
            0 => throw new CommandException(ExitCodes.Usage, $"{where} has no such drive: name a bucket with --endpoint, --region and --bucket."),
            _ => throw new CommandException(
                ExitCodes.Usage, $"{where} has {drives.Count} drives: choose with --drive one of {string.Join(", ", drives.Select(drive => drive.MountPoint))}."),
        };
    }

    private IReadOnlyList<DriveTarget>? OfConfiguration(ParseResult parsed) => Configured(parsed) is { } file
        ? [.. file.Drives.Select(drive => new DriveTarget(drive.MountPoint, drive.Target))]
        : null;

    private async Task<IReadOnlyList<DriveTarget>> ReadDrivesAsync(ParseResult parsed, CancellationToken stop) => OfConfiguration(parsed)
        ?? await StateReader.ReadAsync(
            StateFolder(parsed), async client => (await client.GetDrivesAsync(stop)).Drives, journal => DriveTargets.All(journal.OpenReader()), stop);
}
