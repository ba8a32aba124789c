using System.CommandLine;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Cli;

/// <summary>How an agent ends, on the command line.</summary>
internal sealed class StopOptions
{
    private readonly Option<string> _timeout = new("--stop-timeout")
    {
        Description = "At the end, how long to wait for programs that write to a drive (default 60)", HelpName = "SECONDS",
    };

    private readonly Option<string> _inhibit = new("--inhibit-shutdown")
    {
        Description = "Hold up shutdowns while files wait to be sent: off, delay (default) or block", HelpName = "HOW",
    };

    /// <summary>Adds the options to a command.</summary>
    public StopOptions(Command command)
    {
        command.Options.Add(_timeout);
        command.Options.Add(_inhibit);
    }

    /// <summary>What was given; mistakes are added to the list.</summary>
    public AgentSettings Read(ParseResult parsed, ICollection<string> mistakes) => new()
    {
        StopTimeout = GivenNumbers.Number(parsed, _timeout, 0, AgentSettings.MaxStopTimeoutSeconds, whole: false, mistakes) is { } seconds
            ? TimeSpan.FromSeconds(seconds) : null,
        InhibitShutdown = AgentSettings.ParseInhibition(parsed.GetValue(_inhibit), _inhibit.Name, mistakes),
    };
}
