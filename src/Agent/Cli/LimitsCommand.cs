using System.CommandLine;
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
        var command = new Command("limits", "Shows or changes the bandwidth of the running agent. A change holds until \"auto\", also over restarts.")
        {
            upload, download,
        };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var request = new LimitsRequest(Read(parsed.GetValue(upload)), Read(parsed.GetValue(download)));
            using var client = await AgentLink.ConnectAsync(parsed, state, context, path: null, stop);
            var limits = request is { Upload: null, Download: null } ? await client.GetLimitsAsync(stop) : await client.SetLimitsAsync(request, stop);
            if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, limits, ControlJson.Default.LimitsStatus);
            else await context.Out.WriteLineAsync(Describe(limits));
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
                result.AddError($"{name}: \"{text}\": expected {BandwidthReader.Form}, or auto.");
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
