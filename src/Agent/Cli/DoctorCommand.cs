using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Repair;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent doctor</c>: what is wrong with this machine, its state folder and its stores, and what to do about it.</summary>
internal static class DoctorCommand
{
    public static Command Build(CliContext context)
    {
        var fix = new Option<bool>("--fix") { Description = "Put right what is safe to, and say what was done" };
        var json = new Option<bool>("--json") { Description = "For scripts" };
        var bundle = new Option<string>("--bundle") { Description = "Write a support file (tar.gz) without secrets and file names", HelpName = "FILE" };
        var names = new Option<bool>("--with-names") { Description = "With --bundle: leave file names and hosts as they are" };
        var command = new Command("doctor", "Looks for what is wrong and says what to do: 0 nothing found, 1 something is left to do.") { fix, json, bundle, names };
        var target = new DirectTarget(command, context);
        command.Validators.Add(result =>
        {
            if (result.GetValue(names) && result.GetValue(bundle) is null) result.AddError("doctor: --with-names is for --bundle.");
        });
        command.SetAction(async (parsed, stop) =>
        {
            var config = target.Configured(parsed) is { } file ? (file, target.ConfigPath(parsed)!) : ((Configuration.ConfigFile, string)?)null;
            using var patient = await DoctorCase.OpenAsync(target.StateFolder(parsed), context, read => target.Drives(parsed, read), config, stop);
            return await RunAsync(patient, parsed.GetValue(fix), parsed.GetValue(json), parsed.GetValue(bundle), parsed.GetValue(names), context, stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        DoctorCase patient, bool fix, bool json, string? bundle, bool names, CliContext context, CancellationToken stop)
    {
        var reports = await new Doctor(patient, Doctor.AllChecks, fix).RunAsync(
            report => json ? Task.CompletedTask : context.Out.WriteLineAsync(DoctorText.Of(report)), stop);
        var all = new DoctorReport(patient.State, reports);
        if (json) await context.Out.WriteLineAsync(JsonSerializer.Serialize(all, DoctorJson.Default.DoctorReport));
        if (bundle is not null)
        {
            var path = Path.GetFullPath(bundle);
            await SupportBundle.WriteAsync(path, patient, all, new Redactor(names, Redactor.SecretsOf(patient)), stop);
            await context.Error.WriteLineAsync($"syncagent: wrote {path}: only you may read it; look into it before you send it on.");
        }

        var problems = reports.Count(report => report.HasProblem);
        if (!json) await context.Out.WriteLineAsync(problems == 0 ? "nothing is wrong" : string.Create(CultureInfo.InvariantCulture, $"{problems} of {reports.Count} checks found something to do"));
        return problems == 0 ? ExitCodes.Ok : ExitCodes.NeedsUser;
    }
}
