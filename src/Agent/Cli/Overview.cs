using System.Globalization;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent</c> alone: how things stand, and the command that helps most now.</summary>
internal static class Overview
{
    public static async Task<int> RunAsync(CliContext context, CancellationToken stop)
    {
        var paint = Paint.Of(context);
        NextCommand? next = null;
        foreach (var state in States(context))
        {
            using var client = await ControlClient.TryConnectAsync(state, stop);
            if (client is null) continue;
            var status = await client.GetStatusAsync(stop);
            await context.Out.WriteAsync(StatusText.Brief(status, paint));
            next ??= NextCommand.Of(status);
        }

        if (next is null)
        {
            next = NextCommand.WithoutAgent(new ServiceScope(system: false, context).DefaultConfig);
            await context.Out.WriteLineAsync("no agent runs: nothing is mounted and nothing is sent");
        }

        await context.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"\nnext: {paint.Strong(next.Command)}   {paint.Faint(next.Why)}"));
        await context.Out.WriteLineAsync(paint.Faint("all commands: syncagent --help"));
        return ExitCodes.Ok;
    }

    // Those of live mounts, whatever state folders they have, and the user's own.
    private static IEnumerable<string> States(CliContext context) =>
        new MountRegistry(StateFolder.Runtime(context.Environment)).All().Select(entry => entry.State)
            .Append(StateFolder.Default(context.Environment)).Distinct(StringComparer.Ordinal);
}
