using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary>Goes on showing an agent until it is told to stop, also over the agent's death and return.</summary>
internal static class StatusWatch
{
    private const string HomeAndClear = "\e[H\e[J";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string state, CliContext context, CancellationToken stop)
    {
        ControlClient? client = null;
        string? shown = null;
        using var timer = new PeriodicTimer(Interval, context.Time);
        try
        {
            do
            {
                client ??= await ControlClient.TryConnectAsync(state, stop);
                var text = await DescribeAsync();
                if (context.Interactive) await context.Out.WriteAsync(HomeAndClear + text);
                else if (text != shown) await context.Out.WriteAsync(text);
                await context.Out.FlushAsync(stop);
                shown = text;
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // told to stop: that is how watching ends
        }
        finally
        {
            client?.Dispose();
        }

        return ExitCodes.Ok;

        async Task<string> DescribeAsync()
        {
            if (client is null) return $"no agent answers on {state}\n";
            try
            {
                var status = await client.GetStatusAsync(stop);
                return context.Interactive ? StatusText.Of(status) : string.Concat(status.Drives.Select(drive => StatusText.Line(drive) + "\n"));
            }
            catch (AgentGoneException)
            {
                client.Dispose();
                client = null;
                return $"no agent answers on {state}\n";
            }
        }
    }
}
