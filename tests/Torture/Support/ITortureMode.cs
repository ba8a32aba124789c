using System.CommandLine;

namespace SyncAgent.Torture.Support;

/// <summary>Runs a mode with what its command line says.</summary>
internal delegate Task<TortureResult> TortureRun(ParseResult parsed, TortureContext context, CancellationToken stop);

/// <summary>One way to break things: a sub-command of this program.</summary>
internal interface ITortureMode
{
    /// <summary>Its word on the command line.</summary>
    string Name { get; }

    /// <summary>What it does, in a sentence.</summary>
    string Summary { get; }

    /// <summary>What this mode needs beyond the others and is missing here, or null.</summary>
    string? WhyNot() => null;

    /// <summary>Adds the mode's own options; those that all modes have are there already.</summary>
    TortureRun Build(Command command);
}
