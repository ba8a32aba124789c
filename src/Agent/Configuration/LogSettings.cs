using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Configuration;

/// <summary>What is logged and how much is kept; null where the default holds.</summary>
internal sealed record LogSettings
{
    /// <summary>Bytes of a log file from which on the next one is begun.</summary>
    public const long DefaultFileSize = 10 << 20;

    /// <summary>Full files that are kept beside the one that is written.</summary>
    public const int DefaultFiles = 4;

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
    public static LogSettings Read(ConfigSection section) => new()
    {
        Level = section.Value(LogKeys.Level),
        Json = section.Value(LogKeys.Json),
        FileSize = section.Value(LogKeys.FileSize),
        Files = section.Value(LogKeys.Files),
    };
}
