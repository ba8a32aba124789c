using System.Text.Json;
using SyncAgent.Agent.Cli;
using SyncAgent.Fs.Core;

namespace SyncAgent.Agent.Configuration;

/// <summary>What a configuration file says, checked but for what depends on the state folder.</summary>
/// <param name="State">State folder, absolute, or null.</param>
/// <param name="Drives">Its drives.</param>
/// <param name="Engine">Transfer options and limits.</param>
internal sealed record ConfigFile(string? State, IReadOnlyList<DriveSettings> Drives, EngineSettings Engine)
{
    /// <summary>How the agent ends, and what it may ask of its machine.</summary>
    public AgentSettings Agent { get; init; } = new();

    /// <summary>Nothing configured.</summary>
    public static ConfigFile Empty { get; } = new(null, [], new EngineSettings());

    private static readonly JsonDocumentOptions Format = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads and checks a file. Relative paths in it are relative to its folder.</summary>
    /// <exception cref="CommandException">Exit code 78 with every mistake, its line and its path.</exception>
    public static ConfigFile Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Configuration([$"{path}: {e.Message}"]);
        }

        var mistakes = new List<string>();
        var config = Parse(text, Path.GetDirectoryName(Path.GetFullPath(path))!, mistakes);
        return mistakes.Count == 0 ? config : throw CommandException.Configuration([.. mistakes.Select(mistake => ConfigLines.Place(path, text, mistake))]);
    }

    /// <summary>Checks a text; <paramref name="mistakes"/> gets all that is wrong with it.</summary>
    public static ConfigFile Parse(string text, string folder, ICollection<string> mistakes)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Format);
            return Parse(new ConfigSection(document.RootElement, "$", mistakes), folder, mistakes);
        }
        catch (JsonException e)
        {
            // Where it is stands in front of every mistake.
            mistakes.Add($"not JSON: {e.Message.Split(" LineNumber:")[0].Split(" Path:")[0]}");
            return Empty;
        }
    }

    private static ConfigFile Parse(ConfigSection root, string folder, ICollection<string> mistakes)
    {
        var state = root.Text("state") is { Length: > 0 } given ? Path.GetFullPath(given, folder) : null;
        var sections = root.Sections("drives");
        var drives = new List<DriveSettings>();
        var paths = new List<string>();
        foreach (var section in sections)
        {
            if (ReadDrive(section, folder, mistakes) is not { } drive) continue;
            drives.Add(drive);
            paths.Add(section.Path);
        }

        DriveValidator.CheckTogether(drives, index => paths[index], mistakes);
        var engine = ReadTransfer(root.Section("transfer"), mistakes).Or(ReadLimits(root.Section("limits"), mistakes));
        var agent = new AgentSettings
        {
            StopTimeout = root.Seconds("stopTimeoutSeconds", 0, AgentSettings.MaxStopTimeoutSeconds),
            InhibitShutdown = AgentSettings.ParseInhibition(root.Text("inhibitShutdown"), root.At("inhibitShutdown"), mistakes),
            Metrics = MetricsSettings.Read(root.Section("metrics"), mistakes),
            Log = LogSettings.Read(root.Section("log"), mistakes),
        };
        root.RefuseUnknown();
        return new ConfigFile(state, drives, engine) { Agent = agent };
    }

    private static DriveSettings? ReadDrive(ConfigSection section, string folder, ICollection<string> mistakes)
    {
        var mount = section.Text("mount");
        var readOnly = section.Flag("readOnly");
        var allowOther = section.Flag("allowOther");
        var draft = TargetReader.ReadTarget(section);
        var access = TargetReader.ReadAccess(section, folder, mistakes);
        var objects = ObjectRulesReader.Read(section, mistakes);
        var ignore = ReadIgnore(section, mistakes);
        var storeOwners = ReadOwners(section, mistakes);
        var engine = ReadTransfer(section.Section("transfer"), mistakes).Or(ReadLimits(section.Section("limits"), mistakes, ofDrive: true));
        section.RefuseUnknown();
        if (string.IsNullOrEmpty(mount)) mistakes.Add($"{section.At("mount")}: not set.");
        var target = TargetValidator.Check(draft, access, section.At, mistakes);
        return target is null || string.IsNullOrEmpty(mount)
            ? null
            : new DriveSettings(DrivePaths.Normalise(Path.GetFullPath(mount, folder)), target, readOnly, allowOther) { Objects = objects, Ignore = ignore, StoreOwners = storeOwners, Engine = engine };
    }

    private static bool? ReadOwners(ConfigSection section, ICollection<string> mistakes)
    {
        switch (section.Text("owners"))
        {
            case null:
                return null;
            case "store":
                return true;
            case "mount":
                return false;
            default:
                mistakes.Add($"{section.At("owners")}: use store or mount.");
                return null;
        }
    }

    private static IReadOnlyList<string>? ReadIgnore(ConfigSection section, ICollection<string> mistakes)
    {
        if (!section.Has("ignore")) return null;
        var patterns = section.Words("ignore");
        foreach (var pattern in patterns)
        {
            if (IgnoreList.FindMistake(pattern) is { } mistake) mistakes.Add($"{section.At("ignore")}: \"{pattern}\" {mistake}");
        }

        return patterns;
    }

    private static EngineSettings ReadTransfer(ConfigSection? section, ICollection<string> mistakes)
    {
        if (section is null) return new EngineSettings();
        var settings = new EngineSettings
        {
            PartSize = section.Size("partSize", EngineLimits.MinPartSize, EngineLimits.MaxPartSize),
            MultipartThreshold = section.Size("multipartThreshold", EngineLimits.MinPartSize, EngineLimits.MaxMultipartThreshold),
            ParallelParts = section.Number("parallelParts", 1, EngineLimits.MaxParallelParts),
            Checksum = Checksums.Parse(section.Text("checksum"), section.At("checksum"), mistakes),
            ParallelFiles = section.Number("parallelFiles", EngineLimits.MinParallelFiles, EngineLimits.MaxParallelFiles),
            Debounce = section.Seconds("debounceSeconds", 0, EngineLimits.MaxDebounceSeconds),
            MassDeleteLimit = section.Number("massDeleteLimit", 0, int.MaxValue),
            Trash = TrashPrefix.Check(section.Text("trash"), section.At("trash"), mistakes),
        };
        section.RefuseUnknown();
        return settings;
    }

    // The disk is everybody's: what writes must leave free is no matter of one drive.
    private static EngineSettings ReadLimits(ConfigSection? section, ICollection<string> mistakes, bool ofDrive = false)
    {
        if (section is null) return new EngineSettings();
        var settings = new EngineSettings
        {
            CacheSize = section.Size("cacheSize", 0, long.MaxValue),
            ReadCacheSize = section.Size("readCacheSize", 0, long.MaxValue),
            ReadTimeout = section.Seconds("readTimeoutSeconds", EngineLimits.MinReadTimeoutSeconds, EngineLimits.MaxReadTimeoutSeconds),
            StagingReserve = ofDrive ? null : section.Size("stagingReserve", 0, long.MaxValue),
            NodesInMemory = section.Number("nodesInMemory", 1000, 100_000_000),
            LearnPerSecond = section.Number("learnPerSecond", 0, 1000),
            UploadLimit = BandwidthReader.ReadRate(section, "upload", mistakes),
            DownloadLimit = BandwidthReader.ReadRate(section, "download", mistakes),
            Timetable = BandwidthReader.ReadTimetable(section, mistakes),
        };
        section.RefuseUnknown();
        return settings;
    }
}
