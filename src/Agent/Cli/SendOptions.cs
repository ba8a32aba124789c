using System.CommandLine;
using System.Globalization;
using SyncAgent.Agent.Configuration;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Cli;

/// <summary>How one file is sent, on the command line.</summary>
internal sealed class SendOptions
{
    private readonly Option<string> _partSize = new("--part-size") { Description = "Bytes of one part, e.g. 8MiB (default: by the file's size)", HelpName = "SIZE" };
    private readonly Option<string> _threshold = new("--multipart-threshold") { Description = "Files above this size go up in parts (default 16MiB)", HelpName = "SIZE" };
    private readonly Option<string> _parallel = new("--parallel-parts") { Description = "Most parts under way at once, 1 for one after the other (default 4)", HelpName = "N" };
    private readonly Option<string> _checksum = new("--checksum") { Description = "What bodies carry: md5 (default), or crc64 where processor time matters", HelpName = "KIND" };
    private readonly Option<bool> _noCheckpoint = new("--no-checkpoint") { Description = "Remember nothing: an upload that stops is aborted" };
    private readonly Option<bool> _discard = new("--discard-on-cancel") { Description = "When it is stopped, abort the upload instead of keeping its parts" };

    /// <summary>Adds the options to a command.</summary>
    public SendOptions(Command command)
    {
        foreach (var option in (Option[])[_partSize, _threshold, _parallel, _checksum, _noCheckpoint, _discard]) command.Options.Add(option);
    }

    /// <summary>What was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="checkpoints">Folder of checkpoints, unless none are wanted.</param>
    /// <exception cref="CommandException">Every mistake; exit code 64.</exception>
    public FileUploadOptions Read(ParseResult parsed, string checkpoints)
    {
        var mistakes = new List<string>();
        var defaults = new TransferOptions();
        var transfer = defaults with
        {
            PartSize = Size(parsed, _partSize, EngineLimits.MaxPartSize, mistakes),
            MultipartThreshold = Size(parsed, _threshold, EngineLimits.MaxMultipartThreshold, mistakes) ?? defaults.MultipartThreshold,
            ParallelParts = Parallel(parsed, mistakes) ?? defaults.ParallelParts,
            Checksum = Checksum(parsed.GetValue(_checksum), mistakes),
        };
        return mistakes.Count == 0
            ? new FileUploadOptions
            {
                CheckpointFolder = parsed.GetValue(_noCheckpoint) ? null : checkpoints,
                KeepOnCancel = !parsed.GetValue(_discard),
                Transfer = transfer,
            }
            : throw new CommandException(ExitCodes.Usage, string.Join("\n  ", mistakes));
    }

    private static long? Size(ParseResult parsed, Option<string> option, long most, List<string> mistakes)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        if (ByteSize.TryParse(text, out var bytes) && bytes >= EngineLimits.MinPartSize && bytes <= most) return bytes;
        mistakes.Add($"{option.Name}: \"{text}\" is no size from {ByteSize.Format(EngineLimits.MinPartSize)} to {ByteSize.Format(most)}, like 8MiB.");
        return null;
    }

    private int? Parallel(ParseResult parsed, List<string> mistakes)
    {
        if (parsed.GetValue(_parallel) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parts) && parts is >= 1 and <= EngineLimits.MaxParallelParts) return parts;
        mistakes.Add($"{_parallel.Name}: \"{text}\" is no number from 1 to {EngineLimits.MaxParallelParts}.");
        return null;
    }

    private PartChecksum Checksum(string? text, List<string> mistakes)
    {
        switch (text)
        {
            case null or "md5": return PartChecksum.Md5;
            case "crc64" or "crc": return PartChecksum.Crc64;
            default:
                mistakes.Add($"{_checksum.Name}: \"{text}\" is neither md5 nor crc64.");
                return PartChecksum.Md5;
        }
    }
}
