using System.CommandLine;
using System.CommandLine.Invocation;
using SyncAgent.Fs.Windows;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent --version</c>: the version in its first line; on Windows below it whose driver is used, as WinFsp's licence asks.</summary>
internal sealed class VersionAction(CliContext context) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        context.Out.WriteLine(OwnVersion.Text);
        if (OperatingSystem.IsWindows()) context.Out.WriteLine($"{WinFspDll.Notice}\n{WinFspDll.Repository}");
        return ExitCodes.Ok;
    }

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;
}
