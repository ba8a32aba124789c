using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary>Goes on showing an agent until it is told to stop, also over the agent's death and return.</summary>
internal static class StatusWatch
{
    /// <summary>A screen of its own, so that what was on the terminal is there again afterwards; lines that are too long are cut; no cursor.</summary>
    private const string Begin = "\e[?1049h\e[?7l\e[?25l";

    private const string End = "\e[?25h\e[?7h\e[?1049l";
    private const string Home = "\e[H";
    private const string ClearLine = "\e[K";
    private const string ClearBelow = "\e[J";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string state, CliContext context, CancellationToken stop)
    {
        ControlClient? client = null;
        string? shown = null;
        var paint = Paint.Of(context);
        using var timer = new PeriodicTimer(Interval, context.Time);
        if (context.Interactive) await context.Out.WriteAsync(Begin);
        try
        {
            do
            {
                client ??= await ControlClient.TryConnectAsync(state, stop);
                var text = await DescribeAsync();
                if (context.Interactive) await context.Out.WriteAsync(Picture(text, Console.WindowHeight));
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
            if (context.Interactive) await context.Out.WriteAsync(End + shown);
        }

        return ExitCodes.Ok;

        async Task<string> DescribeAsync()
        {
            if (client is null) return $"no agent answers on {state}\n";
            try
            {
                var status = await client.GetStatusAsync(mayLag: true, stop);
                return context.Interactive ? StatusText.Of(status, paint) : string.Concat(status.Drives.Select(drive => StatusText.Line(drive) + "\n"));
            }
            catch (AgentGoneException)
            {
                client.Dispose();
                client = null;
                return $"no agent answers on {state}\n";
            }
        }
    }

    /// <summary>The text in place of the one before, without a moment of nothing between them, and cut to the screen.</summary>
    private static string Picture(string text, int height)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        if (height > 1 && lines.Length > height) lines = [.. lines.Take(height - 1), $"  and {lines.Length - height + 1} lines more"];
        return Home + string.Join("\n", lines.Select(line => line + ClearLine)) + ClearBelow;
    }
}
