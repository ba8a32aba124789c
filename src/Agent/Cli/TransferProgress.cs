using Spectre.Console;

namespace SyncAgent.Agent.Cli;

/// <summary>A progress bar for one transfer, when a person looks.</summary>
internal static class TransferProgress
{
    /// <summary>Runs a transfer; the action that it gets takes (bytes so far, bytes in all).</summary>
    public static async Task<T> RunAsync<T>(CliContext context, bool show, string name, Func<Action<long, long>, Task<T>> transfer)
    {
        if (!show || !context.Interactive) return await transfer(static (_, _) => { });
        return await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask(Markup.Escape(name));
                return await transfer((done, all) =>
                {
                    task.MaxValue = Math.Max(all, 1);
                    task.Value = done;
                });
            });
    }
}
