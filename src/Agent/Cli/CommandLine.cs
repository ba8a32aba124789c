using System.CommandLine;
using SyncAgent.Agent.Cli.Completion;
using SyncAgent.Agent.Cli.Init;
using SyncAgent.Agent.Configuration;
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
            var command = parsed.CommandResult.Command;
            var line = LineOf(command);
            await context.Error.WriteLineAsync(
                Meant(command, parsed.UnmatchedTokens) is { } meant ? $"syncagent: did you mean \"{line} {meant}\"?" : $"syncagent: see \"{line} --help\".");
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

    private static string LineOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } above ? $"{LineOf(above)} {command.Name}" : "syncagent";

    // The name of which the first word that nobody knows may be a slip.
    private static string? Meant(Command command, IReadOnlyList<string> unknown)
    {
        const int MostTypos = 2;
        if (unknown.Count == 0) return null;
        var names = unknown[0].StartsWith('-') ? command.Options.Where(option => !option.Hidden).Select(option => option.Name) : command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);
        return names.MinBy(name => Typos.Between(name, unknown[0])) is { } nearest && Typos.Between(nearest, unknown[0]) <= MostTypos ? nearest : null;
    }

    /// <summary>All commands.</summary>
    public static RootCommand Build(CliContext context)
    {
        var root = new RootCommand("A local drive over an object store: copy files in, and they arrive.")
        {
            InitCommand.Build(context),
            MountCommand.Build(context),
            UnmountCommand.Build(context),
            StatusCommand.Build(context),
            OpenCommand.Build(context),
            WaitCommand.Build(context),
            ListCommand.Build(context),
            LogCommand.Build(context),
            RetryCommand.Build(context),
            PauseCommand.Pause(context),
            PauseCommand.Resume(context),
            PauseCommand.Cancel(context),
            LimitsCommand.Build(context),
            PutCommand.Build(context),
            GetCommand.Build(context),
            RefreshCommand.Build(context),
            PinCommand.Pin(context),
            PinCommand.Unpin(context),
            PinCommand.List(context),
            InterruptedCommand.Build(context),
            DeletesCommand.Build(context),
            UploadsCommand.Build(context),
            VerifyCommand.Build(context),
            DoctorCommand.Build(context),
            ConfigCommand.Build(context),
            ServiceCommand.Build(context),
            DevStoreCommand.Build(context),
            CompletionCommand.Script(context),
            AgentCommand.Build(context),
            CrashPointsCommand.Build(context),
            PackageCommand.Build(context),
        };
        root.Add(CompletionCommand.Answer(context, () => root));
        root.Add(ManPage.Build(context, () => root));
        foreach (var version in root.Options.OfType<VersionOption>()) version.Action = new VersionAction(context);
        root.SetAction((_, stop) => Overview.RunAsync(context, stop));
        return root;
    }

    private static async Task<int> FailAsync(CliContext context, string message, int exitCode)
    {
        // Scripts that asked for JSON get the API's own error.
        if (context.Arguments.Contains(JsonOutput.Name)) await JsonOutput.WriteLineAsync(context, new ErrorAnswer(message, exitCode), ControlJson.Default.ErrorAnswer);
        await context.Error.WriteLineAsync($"syncagent: {message}");
        return exitCode;
    }
}
