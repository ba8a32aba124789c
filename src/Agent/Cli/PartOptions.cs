using System.CommandLine;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Cli;

/// <summary>How files go up, on the command line: the same for a drive and for one file.</summary>
internal sealed class PartOptions
{
    private readonly Option<string> _partSize = new("--part-size") { Description = "Bytes of one part, e.g. 8MiB (default: by the file's size)", HelpName = "SIZE" };
    private readonly Option<string> _threshold = new("--multipart-threshold") { Description = "Files above this size go up in parts (default 16MiB)", HelpName = "SIZE" };
    private readonly Option<string> _parallelParts = new("--parallel-parts") { Description = "Most parts under way at once, 1 for one after the other (default 4)", HelpName = "N" };
    private readonly Option<string> _checksum = new("--checksum") { Description = "What bodies carry: md5 (default), or crc64 where processor time matters", HelpName = "KIND" };

    /// <summary>Adds the options to a command.</summary>
    public PartOptions(Command command)
    {
        foreach (var option in (Option[])[_partSize, _threshold, _parallelParts, _checksum]) command.Options.Add(option);
    }

    /// <summary>What was given; mistakes are added to the list.</summary>
    public EngineSettings Read(ParseResult parsed, ICollection<string> mistakes) => new()
    {
        PartSize = GivenNumbers.Size(parsed, _partSize, EngineLimits.MinPartSize, EngineLimits.MaxPartSize, mistakes),
        MultipartThreshold = GivenNumbers.Size(parsed, _threshold, EngineLimits.MinPartSize, EngineLimits.MaxMultipartThreshold, mistakes),
        ParallelParts = (int?)GivenNumbers.Number(parsed, _parallelParts, 1, EngineLimits.MaxParallelParts, whole: true, mistakes),
        Checksum = Checksums.Parse(parsed.GetValue(_checksum), _checksum.Name, mistakes),
    };
}
