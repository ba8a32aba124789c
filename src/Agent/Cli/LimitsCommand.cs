using System.CommandLine;
using System.Text.Json;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent limits</c>: shows and changes the bandwidth of the running agent.</summary>
internal static class LimitsCommand
{
    /// <summary>What leaves a direction to the configuration and its timetable.</summary>
    private const string Auto = "auto";

    public static Command Build(CliContext context)
    {
        var upload = Option("--upload", "sent");
        var download = Option("--download", "received");
        var json = new Option<bool>("--json") { Description = "For scripts" };
        var command = new Command("limits", "Shows or changes the bandwidth of the running agent. A change holds until \"auto\", also over restarts.")
        {
            upload, download, json,
        };
        var state = StateOption.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var request = new LimitsRequest(Read(parsed.GetValue(upload)), Read(parsed.GetValue(download)));
            var folder = StateOption.Read(parsed, state, context);
            using var client = await ControlClient.TryConnectAsync(folder, stop) ?? throw StatusCommand.NoAgent(folder);
            var limits = request is { Upload: null, Download: null } ? await client.GetLimitsAsync(stop) : await client.SetLimitsAsync(request, stop);
            await context.Out.WriteLineAsync(
                parsed.GetValue(json) ? JsonSerializer.Serialize(limits, ControlJson.Default.LimitsStatus) : Describe(limits));
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>The limits in one line.</summary>
    public static string Describe(LimitsStatus limits)
    {
        var next = limits.NextChange is { } time ? $"; next change {time.UtcDateTime:u}" : "";
        return $"limits: up {Direction(limits.Upload, limits.UploadByHand)}, down {Direction(limits.Download, limits.DownloadByHand)}{next}";
    }

    private static string Direction(long rate, bool byHand) => $"{BandwidthReader.Show(rate)}{(byHand ? " (set by hand)" : "")}";

    private static Option<string> Option(string name, string verb)
    {
        var option = new Option<string>(name)
        {
            Description = $"Most bytes {verb} per second, e.g. 2MiB; unlimited; or auto for what the configuration says",
            HelpName = "SIZE",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) is { } text && text != Auto && !BandwidthReader.TryParseRate(text, out _))
                result.AddError($"{name}: \"{text}\": {BandwidthReader.Form}, or auto.");
        });
        return option;
    }

    private static LimitChange? Read(string? text) => text switch
    {
        null => null,
        Auto => new LimitChange(null),
        _ => BandwidthReader.TryParseRate(text, out var rate) ? new LimitChange(rate) : throw new ArgumentException("Not a rate.", nameof(text)),
    };
}
