using Spectre.Console;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Cli;

/// <summary>A progress bar for one transfer, when a person looks.</summary>
internal static class TransferProgress
{
    /// <summary>Runs a transfer, which reports to the listener that it gets.</summary>
    public static async Task<T> RunAsync<T>(CliContext context, bool show, string name, Func<IProgress<TransferEvent>?, Task<T>> transfer)
    {
        if (!show || !context.Interactive) return await transfer(null);
        return await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(progress => transfer(new Bar(progress.AddTask(Markup.Escape(name)))));
    }

    private sealed class Bar(ProgressTask task) : IProgress<TransferEvent>
    {
        public void Report(TransferEvent value)
        {
            if (value.Total is { } total) task.MaxValue = Math.Max(total, 1);
            task.Value = value.Kind == TransferEventKind.Completed && value.Total is 0 ? 1 : value.Transferred;
        }
    }
}
