using System.Text.Json;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration.Keys;
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
            return Parse(new ConfigSection(document.RootElement, "$", AgentKeys.Group, mistakes), folder);
        }
        catch (JsonException e)
        {
            // Where it is stands in front of every mistake.
            mistakes.Add($"not JSON: {e.Message.Split(" LineNumber:")[0].Split(" Path:")[0]}");
            return Empty;
        }
    }

    private static ConfigFile Parse(ConfigSection root, string folder)
    {
        root.Text(AgentKeys.Schema);
        var state = root.Text(AgentKeys.State) is { Length: > 0 } given ? Path.GetFullPath(given, folder) : null;
        var drives = new List<DriveSettings>();
        var paths = new List<string>();
        foreach (var section in root.Sections(AgentKeys.Drives))
        {
            if (ReadDrive(section, folder) is not { } drive) continue;
            drives.Add(drive);
            paths.Add(section.Path);
        }

        DriveValidator.CheckTogether(drives, index => paths[index], root.Mistakes);
        return new ConfigFile(state, drives, ReadEngine(root, AgentKeys.Transfer, AgentKeys.Limits)) { Agent = AgentSettings.Read(root) };
    }

    private static DriveSettings? ReadDrive(ConfigSection section, string folder)
    {
        var mount = section.Text(DriveKeys.Mount);
        var draft = TargetReader.ReadTarget(section);
        var access = TargetReader.ReadAccess(section, folder);
        var (readOnly, allowOther) = (section.Flag(DriveKeys.ReadOnly), section.Flag(DriveKeys.AllowOther));
        var objects = ObjectRulesReader.Read(section);
        var ignore = ReadIgnore(section);
        var storeOwners = section.Value(DriveKeys.StoreOwners);
        var engine = ReadEngine(section, DriveKeys.Transfer, DriveKeys.Limits);
        if (string.IsNullOrEmpty(mount)) section.Refuse(DriveKeys.Mount, "not set.");
        var target = TargetValidator.Check(draft, access, section.At, section.Mistakes);
        return target is null || string.IsNullOrEmpty(mount)
            ? null
            : new DriveSettings(DrivePaths.Normalise(Path.GetFullPath(mount, folder)), target, readOnly, allowOther)
            {
                Objects = objects, Ignore = ignore, StoreOwners = storeOwners, Engine = engine,
            };
    }

    private static IReadOnlyList<string>? ReadIgnore(ConfigSection section)
    {
        var patterns = section.Words(DriveKeys.Ignore);
        foreach (var pattern in patterns ?? [])
        {
            if (IgnoreList.FindMistake(pattern) is { } mistake) section.Refuse(DriveKeys.Ignore, $"\"{pattern}\" {mistake}");
        }

        return patterns;
    }

    private static EngineSettings ReadEngine(ConfigSection section, SectionKey transfer, SectionKey limits) =>
        (section.Section(transfer) is { } sent ? EngineReader.ReadTransfer(sent) : new EngineSettings())
        .Or(section.Section(limits) is { } kept ? EngineReader.ReadLimits(kept) : new EngineSettings());
}
