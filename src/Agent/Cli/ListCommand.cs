using System.CommandLine;
using System.Text.Json;
using SyncAgent.Agent.Cli.Listing;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Status;
using SyncAgent.Fs.Core;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent ls</c>: the keys of a bucket, all levels; with <c>-l</c> a folder of a mounted drive with states; or the keys that
/// drives cannot show.</summary>
internal static class ListCommand
{
    public static Command Build(CliContext context)
    {
        var prefix = new Argument<string>("PATH")
        {
            Description = "Of a bucket: only keys that begin with it. With -l: a folder or file in a mounted drive (default: the current folder)",
            DefaultValueFactory = _ => "",
        };
        var drive = new Option<bool>("-l") { Description = "List a folder of a mounted drive, with the state of each file; no request is made" };
        var json = new Option<bool>("--json") { Description = "For scripts: one object per line" };
        var hidden = new Option<bool>("--hidden") { Description = "Instead: the keys that mounted drives cannot show, and why" };
        var command = new Command("ls", "Lists the keys of a bucket, or with -l a folder of a mounted drive with the state of each file.") { prefix, drive, json, hidden };
        var target = new DirectTarget(command, context);
        command.SetAction(async (parsed, stop) =>
        {
            if (parsed.GetValue(drive))
                return await DriveListing.RunAsync(parsed.GetRequiredValue(prefix) is { Length: > 0 } path ? path : ".", parsed.GetValue(json), context, stop);
            if (parsed.GetValue(hidden)) return await HiddenAsync(target.StateFolder(parsed), parsed.GetRequiredValue(prefix), parsed.GetValue(json), context, stop);
            var settings = await target.ResolveAsync(parsed, stop);
            return await RunAsync(settings, parsed.GetRequiredValue(prefix), parsed.GetValue(json), context, stop);
        });
        return command;
    }

    private static async Task<int> HiddenAsync(string state, string prefix, bool json, CliContext context, CancellationToken stop)
    {
        using var client = await ControlClient.TryConnectAsync(state, stop) ?? throw StatusCommand.NoAgent(state);
        var answer = await client.GetHiddenAsync(stop);
        var found = answer.Keys.Where(hidden => hidden.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        foreach (var hidden in found)
        {
            await context.Out.WriteLineAsync(json
                ? JsonSerializer.Serialize(hidden, ControlJson.Default.HiddenObject)
                : $"{hidden.MountPoint}: {Printable.Of(hidden.Key)}: {Explain(hidden.Reason)}");
        }

        if (!json) await context.Out.WriteLineAsync($"{found.Count} of {answer.Count} keys that cannot be shown, in the folders listed so far");
        return ExitCodes.Ok;
    }

    private static string Explain(HiddenReason reason) => reason switch
    {
        HiddenReason.NameTooLong => "a name in it is longer than 255 bytes",
        HiddenReason.FolderWithContent => "it ends in / and holds bytes; only the folder is shown",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static async Task<int> RunAsync(TargetSettings target, string prefix, bool json, CliContext context, CancellationToken stop)
    {
        using var access = DirectTarget.Open(target, context);
        long count = 0, bytes = 0;
        string? token = null;
        do
        {
            var page = await access.Store.ListAsync(new ListRequest(target.Prefix + prefix, ContinuationToken: token), stop);
            foreach (var item in page.Objects)
            {
                var key = item.Key[target.Prefix.Length..];
                await context.Out.WriteLineAsync(json
                    ? JsonSerializer.Serialize(new ListedKey(key, item.Size, item.ETag, item.LastModified), DirectJson.Default.ListedKey)
                    : $"{item.LastModified.UtcDateTime:u} {item.Size,15} {(context.Interactive ? Printable.Of(key) : key)}");
                count++;
                bytes += item.Size;
            }

            token = page.ContinuationToken;
        }
        while (token is not null);
        if (!json) await context.Out.WriteLineAsync($"{count} {(count == 1 ? "object" : "objects")}, {ByteSize.Format(bytes)}");
        return ExitCodes.Ok;
    }
}
