using System.CommandLine;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Cli;

/// <summary>Transfer options and limits on the command line.</summary>
internal sealed class EngineOptions
{
    private readonly Option<string> _debounce = new("--debounce") { Description = "Quiet time before a changed file is sent (default 1)", HelpName = "SECONDS" };
    private readonly Option<string> _massDeleteLimit = new("--mass-delete-limit")
    {
        Description = "Removed objects above which nothing is deleted before \"deletes confirm\" (default 25000; 0 never asks)", HelpName = "COUNT",
    };

    private readonly Option<string> _trash = new("--trash")
    {
        Description = "Copy removed objects to this prefix before they are deleted, e.g. .syncagent/trash/", HelpName = "PREFIX",
    };

    private readonly Option<string> _cacheSize = new("--cache-size") { Description = "Most bytes of synced files kept here", HelpName = "SIZE" };
    private readonly Option<string> _readCacheSize = new("--read-cache-size") { Description = "Most bytes of the bucket's objects kept here to be read again", HelpName = "SIZE" };
    private readonly Option<string> _limitUpload = new("--limit-upload") { Description = "Most bytes sent per second, e.g. 2MiB, or unlimited", HelpName = "SIZE" };
    private readonly Option<string> _limitDownload = new("--limit-download") { Description = "Most bytes received per second, e.g. 2MiB, or unlimited", HelpName = "SIZE" };
    private readonly PartOptions _parts;

    /// <summary>Adds the options to a command.</summary>
    public EngineOptions(Command command)
    {
        _parts = new PartOptions(command);
        foreach (var option in (Option[])[_debounce, _massDeleteLimit, _trash, _cacheSize, _readCacheSize, _limitUpload, _limitDownload]) command.Options.Add(option);
    }

    /// <summary>What was given; mistakes are added to the list.</summary>
    public EngineSettings Read(ParseResult parsed, ICollection<string> mistakes) => _parts.Read(parsed, mistakes) with
    {
        Debounce = GivenNumbers.Number(parsed, _debounce, 0, EngineLimits.MaxDebounceSeconds, whole: false, mistakes) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        MassDeleteLimit = (int?)GivenNumbers.Number(parsed, _massDeleteLimit, 0, int.MaxValue, whole: true, mistakes),
        Trash = TrashPrefix.Check(parsed.GetValue(_trash), _trash.Name, mistakes),
        CacheSize = GivenNumbers.Size(parsed, _cacheSize, 0, long.MaxValue, mistakes),
        ReadCacheSize = GivenNumbers.Size(parsed, _readCacheSize, 0, long.MaxValue, mistakes),
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
}
