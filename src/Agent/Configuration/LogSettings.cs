using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Configuration;

/// <summary>What is logged and how much is kept; null where the default holds.</summary>
internal sealed record LogSettings
{
    /// <summary>Bytes of a log file from which on the next one is begun.</summary>
    public const long DefaultFileSize = 10 << 20;

    /// <summary>Full files that are kept beside the one that is written.</summary>
    public const int DefaultFiles = 4;

    private static readonly Dictionary<string, LogLevel> Levels = new(StringComparer.Ordinal)
    {
        ["debug"] = LogLevel.Debug, ["info"] = LogLevel.Information, ["warning"] = LogLevel.Warning, ["error"] = LogLevel.Error,
    };

    /// <summary>Lines of this level and above are written; Information by default.</summary>
    public LogLevel? Level { get; init; }

    /// <summary>Whether each line is a JSON object.</summary>
    public bool? Json { get; init; }

    /// <summary>See <see cref="DefaultFileSize"/>.</summary>
    public long? FileSize { get; init; }

    /// <summary>See <see cref="DefaultFiles"/>.</summary>
    public int? Files { get; init; }

    /// <summary>These settings, and where they say nothing those of <paramref name="other"/>.</summary>
    public LogSettings Or(LogSettings other) => new()
    {
        Level = Level ?? other.Level, Json = Json ?? other.Json, FileSize = FileSize ?? other.FileSize, Files = Files ?? other.Files,
    };

    /// <summary>Reads the section of a configuration file.</summary>
    public static LogSettings Read(ConfigSection? section, ICollection<string> mistakes)
    {
        if (section is null) return new LogSettings();
        var settings = new LogSettings
        {
            Level = ReadLevel(section, mistakes),
            Json = ReadFormat(section, mistakes),
            FileSize = section.Size("fileSize", 64 << 10, 1 << 30),
            Files = section.Number("files", 1, 100),
        };
        section.RefuseUnknown();
        return settings;
    }

    private static LogLevel? ReadLevel(ConfigSection section, ICollection<string> mistakes)
    {
        if (section.Text("level") is not { } word) return null;
        if (Levels.TryGetValue(word, out var level)) return level;
        mistakes.Add($"{section.At("level")}: use debug, info, warning or error.");
        return null;
    }

    private static bool? ReadFormat(ConfigSection section, ICollection<string> mistakes)
    {
        switch (section.Text("format"))
        {
            case null:
                return null;
            case "text":
                return false;
            case "json":
                return true;
            default:
                mistakes.Add($"{section.At("format")}: use text or json.");
                return null;
        }
    }
}
