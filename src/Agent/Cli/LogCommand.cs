using System.CommandLine;
using System.Globalization;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent log</c>: what happened to the files of drives, the newest last.</summary>
internal static class LogCommand
{
    private const int PageSize = 1000;
    private const int DefaultLimit = 30;
    private const int MaxLimit = 20_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Build(CliContext context)
    {
        var path = new Argument<string?>("PATH") { Description = "Only a file, or what is below a folder, of a drive", Arity = ArgumentArity.ZeroOrOne };
        var search = new Option<string>("--search") { Description = "Only paths with this text in them", HelpName = "TEXT" };
        var limit = NumberOptions.Count("--limit", "Most entries", MaxLimit, DefaultLimit);
        limit.Aliases.Add("-n");
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what happens, until Ctrl-C" };
        var command = new Command("log", "Shows what was uploaded, copied and deleted, and what failed; the newest last.") { path, search, limit, follow };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command, "For scripts: an entry per line, as the status API has it");
        command.SetAction(async (parsed, stop) =>
        {
            var given = parsed.GetValue(path) is { } text ? AgentLink.Absolute(text) : null;
            using var client = await AgentLink.ConnectAsync(parsed, state, context, given, stop);
            var log = new Log(client, given, parsed.GetValue(search), parsed.GetValue(json), context);
            await log.ShowAsync(parsed.GetValue(limit), stop);
            return parsed.GetValue(follow) ? await log.FollowAsync(stop) : ExitCodes.Ok;
        });
        return command;
    }

    private sealed class Log(ControlClient client, string? path, string? search, bool json, CliContext context)
    {
        private readonly Paint _paint = Paint.Of(context);
        private HistoryEntry? _newest;

        public async Task ShowAsync(int most, CancellationToken stop)
        {
            var found = new List<HistoryEntry>();
            string? before = null;
            do
            {
                var page = await client.GetHistoryAsync(search, before, PageSize, stop);
                if (before is null) _newest = page.Entries.Count > 0 ? page.Entries[0] : null;
                found.AddRange(page.Entries.Where(IsMeant).Take(most - found.Count));
                before = page.Next;
            }
            while (before is not null && found.Count < most);
            await PrintAsync(found);
        }

        public async Task<int> FollowAsync(CancellationToken stop)
        {
            using var timer = new PeriodicTimer(Interval, context.Time);
            try
            {
                while (await timer.WaitForNextTickAsync(stop))
                {
                    var page = await client.GetHistoryAsync(search, before: null, PageSize, stop);
                    await PrintAsync([.. page.Entries.TakeWhile(entry => entry != _newest).Where(IsMeant)]);
                    if (page.Entries.Count > 0) _newest = page.Entries[0];
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // told to stop: that is how following ends
            }

            return ExitCodes.Ok;
        }

        private bool IsMeant(HistoryEntry entry) => path is null || DrivePaths.IsWithin(entry.Path, path);

        private async Task PrintAsync(IReadOnlyList<HistoryEntry> newestFirst)
        {
            foreach (var entry in newestFirst.Reverse())
            {
                if (json) await JsonOutput.WriteLineAsync(context, entry, ControlJson.Default.HistoryEntry);
                else await context.Out.WriteLineAsync(Line(entry));
            }

            await context.Out.FlushAsync();
        }

        private string Line(HistoryEntry entry)
        {
            var time = entry.Time.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            var what = entry.What.PadRight(9);
            what = entry.What switch
            {
                "failed" or "conflict" => _paint.Bad(what),
                "uploaded" => _paint.Good(what),
                _ => _paint.Busy(what),
            };
            var size = entry.Size is { } bytes ? ByteSize.Format(bytes) : "";
            var reason = entry.Reason is null ? "" : $"\n{"",21}{_paint.Faint(Printable.Of(entry.Reason))}";
            return $"{_paint.Faint(time)}  {what} {size,10}  {Printable.Of(entry.Path)}{reason}";
        }
    }
}
