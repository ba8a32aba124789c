using System.CommandLine;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent wait</c>: "is it safe?", with an exit code for scripts.</summary>
internal static class WaitCommand
{
    /// <summary>Without a time-out, an agent that does not answer is given this long to appear.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ConnectPause = TimeSpan.FromMilliseconds(100);

    public static Command Build(CliContext context)
    {
        var path = new Argument<string?>("PATH") { Description = "A file or folder in a drive; everything when left out", Arity = ArgumentArity.ZeroOrOne };
        var timeout = NumberOptions.Seconds("--timeout", "Give up after so long, with exit code 2");
        var command = new Command(
            "wait", "Waits until everything is in the bucket: 0 it is, 1 something needs you, 2 the time is up.") { path, timeout };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command, "For scripts: how it stands at the end, as the status API has it");
        command.SetAction((parsed, stop) =>
        {
            var given = parsed.GetValue(path) is { } text ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(text)) : null;
            var folder = StateOption.Read(parsed, state, context, given is null ? null : StateOfMountAbove(given, context));
            return RunAsync(folder, given, parsed.GetValue(timeout), context, stop, parsed.GetValue(json));
        });
        return command;
    }

    /// <summary>Waits as the command does.</summary>
    public static Task<int> RunAsync(string state, string? path, TimeSpan? timeout, CliContext context, CancellationToken stop, bool json = false) =>
        new Waiter(state, path, timeout, json, context).RunAsync(stop);

    private static string? StateOfMountAbove(string path, CliContext context) =>
        new MountRegistry(StateFolder.Runtime(context.Environment)).FindAbove(path)?.State;

    private sealed class Waiter(string state, string? path, TimeSpan? timeout, bool json, CliContext context)
    {
        private readonly long _begun = context.Time.GetTimestamp();
        private WaitAnswer? _last;

        private TimeSpan Elapsed => context.Time.GetElapsedTime(_begun);

        public async Task<int> RunAsync(CancellationToken stop)
        {
            ControlClient? client = null;
            var lastAnswered = TimeSpan.Zero;
            try
            {
                while (true)
                {
                    client ??= await ControlClient.TryConnectAsync(state, stop);
                    if (client is null)
                    {
                        if (Elapsed >= (timeout ?? lastAnswered + Grace)) return await NoAgentAsync();
                        await Task.Delay(ConnectPause, context.Time, stop);
                        continue;
                    }

                    var left = timeout is { } all ? all - Elapsed : ControlRoutes.LongestWait;
                    try
                    {
                        _last = await client.WaitAsync(path, left > TimeSpan.Zero ? left : TimeSpan.Zero, stop);
                        lastAnswered = Elapsed;
                    }
                    catch (AgentGoneException)
                    {
                        client.Dispose();
                        client = null;
                        continue;
                    }

                    if (await ConcludeAsync(_last) is not { } exitCode) continue;
                    if (json) await JsonOutput.WriteLineAsync(context, _last, ControlJson.Default.WaitAnswer);
                    return exitCode;
                }
            }
            finally
            {
                client?.Dispose();
            }
        }

        private async Task<int?> ConcludeAsync(WaitAnswer answer)
        {
            switch (answer.Outcome)
            {
                case WaitOutcome.Synced:
                    return ExitCodes.Ok;
                case WaitOutcome.NeedsUser:
                    await context.Error.WriteLineAsync($"syncagent: {answer.Count} {(answer.Count == 1 ? "needs" : "need")} you:");
                    await NameAsync(answer);
                    return ExitCodes.NeedsUser;
                case WaitOutcome.UnknownPath when Path.Exists(path):
                    // The bucket's own object, never changed here: there is nothing to wait for, if a drive is above it at all.
                    if (new MountRegistry(StateFolder.Runtime(context.Environment)).FindAbove(path!) is not null) return ExitCodes.Ok;
                    throw new CommandException(ExitCodes.Usage, $"{path} is in no drive of {state}.");
                case WaitOutcome.UnknownPath:
                    throw new CommandException(ExitCodes.Usage, $"{path}: no such file or folder in a drive of {state}.");
                default:
                    if (timeout is not { } all || Elapsed < all) return null;
                    await context.Error.WriteLineAsync($"syncagent: the time is up; {answer.Count} still to do:");
                    await NameAsync(answer);
                    return ExitCodes.TimedOut;
            }
        }

        private async Task<int> NoAgentAsync()
        {
            await context.Error.WriteLineAsync($"syncagent: {StatusCommand.NoAgent(state).Message}");
            if (json) await JsonOutput.WriteLineAsync(context, new ErrorAnswer(StatusCommand.NoAgent(state).Message, ExitCodes.TimedOut), ControlJson.Default.ErrorAnswer);
            if (_last is { Outcome: WaitOutcome.Busy }) await NameAsync(_last);
            return ExitCodes.TimedOut;
        }

        private async Task NameAsync(WaitAnswer answer)
        {
            foreach (var file in answer.Files) await context.Error.WriteLineAsync($"  {StatusText.Of(file)}");
            if (answer.Count > answer.Files.Count) await context.Error.WriteLineAsync($"  and {answer.Count - answer.Files.Count} more");
        }
    }
}
