using System.Runtime.Versioning;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Hosting.Windows;

namespace SyncAgent.Agent.Cli.Windows;

/// <summary><c>syncagent service run</c>, hidden: what the control manager of Windows starts. The same mount line as on a console, but that it is told when to
/// end by the control manager, logs into its state folder, and its errors go to the event log too.</summary>
[SupportedOSPlatform("windows")]
internal static class ServiceRun
{
    public static int Run(string config, CliContext context)
    {
        var plan = WindowsServicePlan.Read(new ServiceScope(system: true, context), config);
        OwnFolder.Create(plan.State);
        using var log = LogFiles.OpenToAppend(Path.Combine(plan.State, LogFiles.Name), plan.File.Agent.Log);
        using var events = new EventLogProvider(WindowsService.Name);
        using var ready = ReadyEvent.Create(out var name);
        using var output = TextWriter.Synchronized(new StreamWriter(log) { AutoFlush = true });
        Console.SetOut(output);
        Console.SetError(output);
        var service = context with
        {
            Out = output,
            Error = output,
            Log = events,
            Interactive = false,
            CanAsk = false,
            Environment = variable => variable == SystemdNotify.Variable ? name : context.Environment(variable),
        };
        return WindowsService.Run(
            async (_, stop) =>
            {
                // As that of a terminal: both end it.
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, context.Stop);
                var code = await CommandLine.RunAsync(["mount", "--foreground", "--config", config, "--state", plan.State], service with { Stop = either.Token });
                if (code != ExitCodes.Ok) events.Write(Advapi32.EventError, code, $"The agent ended with code {code}. {Path.Combine(plan.State, LogFiles.Name)} says why.");
                return code;
            },
            ready) ?? throw new CommandException(ExitCodes.Usage, "\"service run\" is for the service manager of Windows; on a console use \"syncagent mount --foreground --config FILE\".");
    }
}
