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
            var given = parsed.GetValue(path) is { } text ? DriveValidator.Normalise(text) : null;
            var registered = given is null ? null : new MountRegistry(StateFolder.Runtime(context.Environment)).FindAbove(given)?.State;
            var state = target.StateFolder(parsed, registered);
            using var reader = JournalReader.OpenBeside(state);
            var drives = target.Drives(parsed, () => DriveTargets.All(reader));
            return await new Run(reader, state, given, parsed.GetValue(deep), parsed.GetValue(json), context, stop).RunAsync(drives);
        });
        return command;
    }

    private sealed class Run(JournalReader reader, string state, string? path, bool deep, bool json, CliContext context, CancellationToken stop)
    {
        private readonly SortedSet<VerifyFinding> _seen = [];

        public async Task<int> RunAsync(IReadOnlyList<DriveTarget> drives)
        {
            var rows = reader.Drives().ToDictionary(row => row.MountPoint, StringComparer.Ordinal);
            var chosen = drives.Where(drive => path is null || DriveValidator.IsWithin(path, drive.MountPoint)).ToList();
            if (path is not null && chosen.Count == 0) throw new CommandException(ExitCodes.Usage, $"{path} is in no drive of {state}.");
            var fine = true;
            foreach (var drive in chosen)
            {
                if (!rows.TryGetValue(drive.MountPoint, out var row)) continue; // configured, and never mounted
                try
                {
                    fine &= await VerifyAsync(row, drive.Target);
                }
                catch (StoreException e)
                {
                    await context.Error.WriteLineAsync($"syncagent: {drive.MountPoint} cannot be verified: {e.Explain()}");
                    return ExitCodes.TimedOut;
                }
            }

            foreach (var advice in _seen.Select(Advice).OfType<string>()) await context.Error.WriteLineAsync($"syncagent: {advice}");
            return fine ? ExitCodes.Ok : ExitCodes.NeedsUser;
        }

        private async Task<bool> VerifyAsync(DriveRow row, TargetSettings target)
        {
            using var access = DirectTarget.Open(target, context);
            var verifier = new BucketVerifier(access.Store, reader, row, deep);
            var key = path is null || path == row.MountPoint ? null : row.Prefix + KeyNames.ToKey(path[(row.MountPoint.Length + 1)..].Split('/'), directory: false);
            // A file's own key, or all below a folder: each is one range of keys.
            var summary = key is null ? await verifier.RunAsync(row.Prefix, ShowAsync, stop)
                : reader.StandingReceipt(row.Id, key) is null ? await verifier.RunAsync(key + "/", ShowAsync, stop)
                : await verifier.RunOneAsync(key, ShowAsync, stop);
            await context.Out.WriteLineAsync(json ? JsonSerializer.Serialize(summary, DirectJson.Default.VerifySummary) : Describe(summary));
            return summary.IsFine;
        }

        private Task ShowAsync(VerifiedObject found)
        {
            _seen.Add(found.Finding);
            return context.Out.WriteLineAsync(json
                ? JsonSerializer.Serialize(found, DirectJson.Default.VerifiedObject)
                : $"{Name(found.Finding)}: {Printable.Of(found.Path)}: {found.Reason}");
        }

        private string Describe(VerifySummary summary)
        {
            if (summary.Objects == 0) return $"{path ?? summary.MountPoint}: the bucket has confirmed nothing from this machine yet";
            var kinds = summary.Findings.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {Name(pair.Key)}"));
            var read = deep ? $" ({ByteSize.Format(summary.Bytes)} read back)" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{path ?? summary.MountPoint}: {summary.Objects} {(summary.Objects == 1 ? "object" : "objects")}{read}: {string.Join(", ", kinds)}");
        }

        private static string Name(VerifyFinding finding) => finding switch
        {
            VerifyFinding.Same => "as confirmed",
            VerifyFinding.Missing => "missing",
            VerifyFinding.Changed => "changed by somebody",
            VerifyFinding.Damaged => "damaged",
            VerifyFinding.Unverifiable => "not verifiable",
            _ => "being changed now",
        };

        private static string? Advice(VerifyFinding finding) => finding switch
        {
            VerifyFinding.Missing => "missing objects were deleted by somebody else: ask who has access, restore them from a version or a backup, or copy the file in again.",
            VerifyFinding.Changed => "changed objects were written by somebody else, which may be meant: open the file, or \"syncagent refresh\" its folder, to have the new one.",
            VerifyFinding.Damaged => "damaged objects no longer hold what was written: keep any local copy, copy the file in again, and tell the store's support.",
            VerifyFinding.Unverifiable => "what is not verifiable can only be told by reading it: restore archived objects first, or give the keys the right to read.",
            _ => null,
        };
    }
}
