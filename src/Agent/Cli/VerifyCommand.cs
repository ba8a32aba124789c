using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Repair;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Composition;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent verify</c>: is what was confirmed still there? With an agent and without one.</summary>
internal static class VerifyCommand
{
    public static Command Build(CliContext context)
    {
        var path = new Argument<string?>("PATH") { Description = "A file or folder in a drive; everything when left out", Arity = ArgumentArity.ZeroOrOne };
        var deep = new Option<bool>("--deep") { Description = "Read all bytes back and compare their checksums" };
        var json = new Option<bool>("--json") { Description = "For scripts: a line per object that is not as it should be, and one per drive" };
        var command = new Command(
            "verify", "Compares what the bucket confirmed with what it holds: 0 all is there, 1 something differs, 2 the store is away.") { path, deep, json };
        var target = new DirectTarget(command, context);
        command.SetAction(async (parsed, stop) =>
        {
            var given = parsed.GetValue(path) is { } text ? DrivePaths.Normalise(text) : null;
            var registered = given is null ? null : new MountRegistry(StateFolder.Runtime(context.Environment)).FindAbove(given)?.State;
            var state = target.StateFolder(parsed, registered);
            using var reader = JournalReader.OpenBeside(state);
            var drives = target.Drives(parsed, () => DriveTargets.All(reader));
            // An agent has the keys of its drives and keeps to their bandwidth; who names another way to the bucket wants that one.
            using var agent = target.NamesAccess(parsed) ? null : await ControlClient.TryConnectAsync(state, stop);
            return await new Run(reader, agent, state, given, parsed.GetValue(deep), parsed.GetValue(json), context, stop).RunAsync(drives);
        });
        return command;
    }

    private sealed class Run(JournalReader reader, ControlClient? agent, string state, string? path, bool deep, bool json, CliContext context, CancellationToken stop)
    {
        private readonly SortedSet<VerifyFinding> _seen = [];

        public async Task<int> RunAsync(IReadOnlyList<DriveTarget> drives)
        {
            var rows = reader.Drives().ToDictionary(row => row.MountPoint, StringComparer.Ordinal);
            var chosen = drives.Where(drive => path is null || DrivePaths.IsWithin(path, drive.MountPoint)).ToList();
            if (path is not null && chosen.Count == 0) throw new CommandException(ExitCodes.Usage, $"{path} is in no drive of {state}.");
            var mounted = agent is null ? [] : (await agent.GetStatusAsync(mayLag: true, stop)).Drives.Where(drive => drive.Mounted).Select(drive => drive.MountPoint).ToHashSet();
            var fine = true;
            foreach (var drive in chosen)
            {
                if (!rows.TryGetValue(drive.MountPoint, out var row)) continue; // configured, and never mounted
                try
                {
                    var summary = agent is not null && mounted.Contains(row.MountPoint)
                        ? await new AgentVerification(agent, context, ShowAsync).RunAsync(row.MountPoint, path ?? row.MountPoint, deep, stop)
                        : await VerifyAsync(row, drive.Target);
                    await context.Out.WriteLineAsync(json ? JsonSerializer.Serialize(summary, DirectJson.Default.VerifySummary) : Describe(summary));
                    fine &= summary.IsFine;
                }
                catch (StoreException e)
                {
                    throw AgentVerification.Failure(drive.MountPoint, e.Explain());
                }
            }

            foreach (var remedy in _seen.Select(finding => finding.Remedy()).Where(remedy => remedy.Length > 0)) await context.Error.WriteLineAsync($"syncagent: {remedy}");
            return fine ? ExitCodes.Ok : ExitCodes.NeedsUser;
        }

        private async Task<VerifySummary> VerifyAsync(DriveRow row, TargetSettings target)
        {
            using var access = DirectTarget.Open(target, context);
            return await new BucketVerifier(access.Store, reader, row, deep).RunAsync(path is null ? "" : DrivePaths.Below(row.MountPoint, path), ShowAsync, stop);
        }

        private Task ShowAsync(VerifiedObject found)
        {
            _seen.Add(found.Finding);
            return context.Out.WriteLineAsync(json
                ? JsonSerializer.Serialize(found, DirectJson.Default.VerifiedObject)
                : $"{found.Finding.Name()}: {Printable.Of(found.Path)}: {found.Reason}");
        }

        private string Describe(VerifySummary summary)
        {
            if (summary.Objects == 0) return $"{path ?? summary.MountPoint}: the bucket has confirmed nothing from this machine yet";
            var kinds = summary.Findings.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key.Name()}"));
            var read = deep ? $" ({ByteSize.Format(summary.Bytes)} read back)" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{path ?? summary.MountPoint}: {summary.Objects} {(summary.Objects == 1 ? "object" : "objects")}{read}: {string.Join(", ", kinds)}");
        }
    }
}
