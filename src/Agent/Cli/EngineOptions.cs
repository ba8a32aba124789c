using System.CommandLine;
using System.Globalization;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Cli;

/// <summary>Transfer options and limits on the command line.</summary>
internal sealed class EngineOptions
{
    private readonly Option<string> _partSize = new("--part-size") { Description = "Bytes of one part, e.g. 8MiB", HelpName = "SIZE" };
    private readonly Option<string> _threshold = new("--multipart-threshold") { Description = "Files from this size on go up in parts", HelpName = "SIZE" };
    private readonly Option<string> _parallelParts = new("--parallel-parts") { Description = "Parts under way at once", HelpName = "N" };
    private readonly Option<string> _debounce = new("--debounce") { Description = "Quiet time before a changed file is sent (default 1)", HelpName = "SECONDS" };
    private readonly Option<string> _cacheSize = new("--cache-size") { Description = "Most bytes of synced files kept here", HelpName = "SIZE" };

    private readonly Option<string> _limitUpload = new("--limit-upload") { Description = "Most bytes sent per second, e.g. 2MiB, or unlimited", HelpName = "SIZE" };
    private readonly Option<string> _limitDownload = new("--limit-download") { Description = "Most bytes received per second, e.g. 2MiB, or unlimited", HelpName = "SIZE" };

    /// <summary>Adds the options to a command.</summary>
    public EngineOptions(Command command)
    {
        foreach (var option in (Option[])[_partSize, _threshold, _parallelParts, _debounce, _cacheSize, _limitUpload, _limitDownload]) command.Options.Add(option);
    }

    /// <summary>What was given; mistakes are added to the list.</summary>
    public EngineSettings Read(ParseResult parsed, ICollection<string> mistakes) => new()
    {
        PartSize = Size(parsed, _partSize, EngineLimits.MinPartSize, EngineLimits.MaxPartSize, mistakes),
        MultipartThreshold = Size(parsed, _threshold, EngineLimits.MinPartSize, EngineLimits.MaxMultipartThreshold, mistakes),
        ParallelParts = Number(parsed, _parallelParts, 1, EngineLimits.MaxParallelParts, mistakes) is { } parts ? (int)parts : null,
        Debounce = Number(parsed, _debounce, 0, EngineLimits.MaxDebounceSeconds, mistakes) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        CacheSize = Size(parsed, _cacheSize, 0, long.MaxValue, mistakes),
        UploadLimit = Rate(parsed, _limitUpload, mistakes),
        DownloadLimit = Rate(parsed, _limitDownload, mistakes),
    };

    /// <summary>A rate, 0 for no limit; null when it was not given.</summary>
    public static long? Rate(ParseResult parsed, Option<string> option, ICollection<string> mistakes)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        if (BandwidthReader.TryParseRate(text, out var rate)) return rate;
        mistakes.Add($"{option.Name}: \"{text}\": {BandwidthReader.Form}.");
        return null;
    }

    private static long? Size(ParseResult parsed, Option<string> option, long least, long most, ICollection<string> mistakes)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        if (ByteSize.TryParse(text, out var bytes) && bytes >= least && bytes <= most) return bytes;
        mistakes.Add($"{option.Name}: \"{text}\" is no size from {ByteSize.Format(least)} to {ByteSize.Format(most)}, like 8MiB.");
        return null;
    }

    private static double? Number(ParseResult parsed, Option<string> option, double least, double most, ICollection<string> mistakes)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            && (option.Name == "--debounce" || double.IsInteger(number)))
        {
            return number;
        }

        mistakes.Add($"{option.Name}: \"{text}\" is no number from {least} to {most}.");
        return null;
    }
}
