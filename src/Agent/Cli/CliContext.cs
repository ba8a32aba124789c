using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Cli;

/// <summary>What a command sees of the world: so that tests can run one in their own process.</summary>
internal sealed record CliContext
{
    /// <summary>Standard output.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The command line as it was given.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether a person looks at standard output.</summary>
    public bool Interactive { get; init; }

    /// <summary>Whether a person can be asked: somebody looks at standard output and standard input is a terminal.</summary>
    public bool CanAsk { get; init; }

    /// <summary>Standard input.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Runs another program of the machine to its end.</summary>
    public Func<string, IReadOnlyList<string>, CancellationToken, Task<ProgramResult>> RunProgram { get; init; } = OtherProgram.RunAsync;

    /// <summary>Where an agent's log goes beside standard error.</summary>
    public ILoggerProvider? Log { get; init; }

    /// <summary>Ends commands early: SIGINT, SIGTERM and SIGHUP in the real process.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>The process's own world. Its signals stay registered for life.</summary>
    public static CliContext OfProcess()
    {
        var stop = new CancellationTokenSource();
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            Registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                // The command ends the process, in order. A second signal finds nobody and kills.
                context.Cancel = !stop.IsCancellationRequested;
                stop.Cancel();
                // A console that is closed, or a machine that is shut down: Windows ends the process when this returns, or a few seconds later.
                if (OperatingSystem.IsWindows() && context.Signal is not PosixSignal.SIGINT) Thread.CurrentThread.Join();
            }));
        }

        return new CliContext
        {
            Out = Console.Out,
            Error = Console.Error,
            Environment = System.Environment.GetEnvironmentVariable,
            Interactive = !Console.IsOutputRedirected,
            CanAsk = !Console.IsOutputRedirected && !Console.IsInputRedirected,
            In = Console.In,
            Stop = stop.Token,
        };
    }

    private static readonly List<PosixSignalRegistration> Registrations = [];
}
