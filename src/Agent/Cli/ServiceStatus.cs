using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Cli;

/// <summary>A service as its manager sees it.</summary>
/// <param name="Installed">Whether there is a unit.</param>
/// <param name="State">"active", "activating", "inactive", "failed" ...</param>
/// <param name="Enabled">Whether it starts by itself.</param>
/// <param name="Text">What the agent told last, or null.</param>
/// <param name="Pid">Its process, or null.</param>
/// <param name="Restarts">How often the manager has started it anew.</param>
/// <param name="Unit">Unit file.</param>
/// <param name="StateFolder">Its state folder, or null.</param>
/// <param name="Config">Its configuration file, or null.</param>
internal sealed record ServiceReport(
    bool Installed, string State, bool Enabled, string? Text, int? Pid, int Restarts, string Unit, string? StateFolder, string? Config);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ServiceReport))]
internal sealed partial class ServiceJson : JsonSerializerContext;

/// <summary><c>syncagent service status</c>.</summary>
internal static class ServiceStatus
{
    public static async Task<int> RunAsync(ServiceScope scope, bool json, CliContext context, CancellationToken stop)
    {
        var report = await ReadAsync(scope, stop);
        await context.Out.WriteLineAsync(json ? JsonSerializer.Serialize(report, ServiceJson.Default.ServiceReport) : Describe(report, scope));
        return report.State == "active" ? ExitCodes.Ok : ExitCodes.NeedsUser;
    }

    private static async Task<ServiceReport> ReadAsync(ServiceScope scope, CancellationToken stop)
    {
        IReadOnlyDictionary<string, string> shown;
        try
        {
            shown = await scope.ShowAsync(["ActiveState", "UnitFileState", "StatusText", "MainPID", "NRestarts", ServiceScope.FragmentPath], stop);
        }
        catch (IOException)
        {
            shown = new Dictionary<string, string>(); // no systemd: nothing runs under it
        }

        // An own unit takes the place of one that a package has brought.
        var own = File.Exists(scope.UnitFile);
        var file = own ? scope.UnitFile : shown.GetValueOrDefault(ServiceScope.FragmentPath) is { Length: > 0 } packaged ? packaged : null;
        var places = own ? SystemdUnit.TryRead(await File.ReadAllTextAsync(scope.UnitFile, stop))
            : file is null ? null : (ServiceClear.StateOf(scope.DefaultConfig) ?? scope.DefaultState, scope.DefaultConfig);
        return new ServiceReport(
            file is not null, shown.GetValueOrDefault("ActiveState", "inactive"), shown.GetValueOrDefault("UnitFileState") == "enabled",
            shown.GetValueOrDefault("StatusText") is { Length: > 0 } text ? text : null, Number("MainPID") is > 0 and var pid ? pid : null, Number("NRestarts") ?? 0,
            file ?? scope.UnitFile, places?.State, places?.Config);

        int? Number(string name) => int.TryParse(shown.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static string Describe(ServiceReport report, ServiceScope scope)
    {
        if (!report.Installed) return $"{SystemdUnit.Name} is not installed; \"syncagent service install{scope.Option} --config FILE\" does it";
        var text = $"{SystemdUnit.Name} is {report.State}{(report.Pid is { } pid ? $" (pid {pid})" : "")}, {(report.Enabled ? "starts by itself" : "does not start by itself")}";
        if (report.Text is not null) text += $"\n  {report.Text}";
        if (report.Restarts > 0) text += $"\n  started anew after failures: {report.Restarts}";
        return $"{text}\n  state {report.StateFolder}, configuration {report.Config}";
    }
}
