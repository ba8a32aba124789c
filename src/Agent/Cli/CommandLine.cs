using System.CommandLine;
using SyncAgent.Agent.Status;
using SyncAgent.Fs.Linux;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli;

/// <summary>All commands, and what their failures look like: one sentence on standard error and an exit code, never a stack.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliContext context)
    {
        context = context with { Arguments = arguments };
        var parsed = Build(context).Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) await context.Error.WriteLineAsync($"syncagent: {error.Message}");
            await context.Error.WriteLineAsync("syncagent: see \"syncagent --help\".");
            return ExitCodes.Usage;
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = context.Out,
                Error = context.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, context.Stop);
        }
        catch (CommandException e)
        {
            return await FailAsync(context, e.Message, e.ExitCode);
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            return await FailAsync(context, "stopped.", ExitCodes.NeedsUser);
        }
        catch (StoreException e)
        {
            return await FailAsync(context, e.Explain(), ExitCodes.NeedsUser);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalException or FuseException or AgentGoneException)
        {
            return await FailAsync(context, e.Message, ExitCodes.NeedsUser);
        }
    }

    private static RootCommand Build(CliContext context) => new("A local drive over an object store: copy files in, and they arrive.")
    {
        MountCommand.Build(context),
        UnmountCommand.Build(context),
        StatusCommand.Build(context),
        WaitCommand.Build(context),
        LimitsCommand.Build(context),
        PutCommand.Build(context),
        GetCommand.Build(context),
        ListCommand.Build(context),
        RefreshCommand.Build(context),
        PinCommand.Pin(context),
        PinCommand.Unpin(context),
        PinCommand.List(context),
        UploadsCommand.Build(context),
        DeletesCommand.Build(context),
        InterruptedCommand.Build(context),
        VerifyCommand.Build(context),
        DoctorCommand.Build(context),
        PauseCommand.Pause(context),
        PauseCommand.Resume(context),
        ServiceCommand.Build(context),
        DevStoreCommand.Build(context),
        CrashPointsCommand.Build(context),
    };

    private static async Task<int> FailAsync(CliContext context, string message, int exitCode)
    {
        await context.Error.WriteLineAsync($"syncagent: {message}");
        return exitCode;
    }
}
