using System.CommandLine;
using SyncAgent.Agent.Configuration;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Cli;

/// <summary>How one file is sent, on the command line.</summary>
internal sealed class SendOptions
{
    private readonly Option<bool> _noCheckpoint = new("--no-checkpoint") { Description = "Remember nothing: an upload that stops is aborted" };
    private readonly Option<bool> _discard = new("--discard-on-cancel") { Description = "When it is stopped, abort the upload instead of keeping its parts" };

    /// <summary>Adds the options to a command.</summary>
    public SendOptions(Command command)
    {
        EngineOptions.AddPartsTo(command);
        command.Options.Add(_noCheckpoint);
        command.Options.Add(_discard);
    }

    /// <summary>What was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="checkpoints">Folder of checkpoints, unless none are wanted.</param>
    /// <exception cref="CommandException">Every mistake; exit code 78.</exception>
    public FileUploadOptions Read(ParseResult parsed, string checkpoints)
    {
        var mistakes = new List<string>();
        var settings = EngineReader.ReadTransfer(new GivenOptions(parsed, mistakes));
        if (mistakes.Count > 0) throw CommandException.Configuration(mistakes);
        return new FileUploadOptions
        {
            CheckpointFolder = parsed.GetValue(_noCheckpoint) ? null : checkpoints,
            KeepOnCancel = !parsed.GetValue(_discard),
            Transfer = settings.ToTransferOptions(),
        };
    }
}
