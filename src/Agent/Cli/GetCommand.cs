using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent get</c>: one key to one file, without a drive.</summary>
internal static class GetCommand
{
    public static Command Build(CliContext context)
    {
        var key = new Argument<string>("KEY") { Description = "Key below the prefix" };
        var file = new Argument<string>("FILE") { Description = "Where to put it; replaced when it exists" };
        var json = new Option<bool>("--json") { Description = "For scripts" };
        var command = new Command("get", "Fetches one object.") { key, file, json };
        var target = new DirectTarget(command, context);
        command.SetAction(async (parsed, stop) =>
        {
            var settings = await target.ResolveAsync(parsed, stop);
            return await RunAsync(settings, parsed.GetRequiredValue(key), parsed.GetRequiredValue(file), parsed.GetValue(json), context, stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(TargetSettings target, string key, string file, bool json, CliContext context, CancellationToken stop)
    {
        using var access = DirectTarget.Open(target, context);
        var begun = context.Time.GetTimestamp();
        var info = await TransferProgress.RunAsync(
            context, !json, key, progress => new FileDownloader(access.Store, context.Time).DownloadAsync(target.Prefix + key, file, progress, stop));
        var result = new TransferResult(
            key, info.Size, info.ETag, info.Crc64?.ToString(CultureInfo.InvariantCulture), IsChecked(info), context.Time.GetElapsedTime(begun).TotalSeconds);
        await context.Out.WriteLineAsync(json
            ? JsonSerializer.Serialize(result, DirectJson.Default.TransferResult)
            : Describe($"{target.Bucket}/{target.Prefix}{key}", file, info));
        return ExitCodes.Ok;
    }

    /// <summary>What was fetched, and what proves it, in one line.</summary>
    internal static string Describe(string from, string to, ObjectInfo info) =>
        $"{from} -> {to}: {ByteSize.Format(info.Size)}, {(IsChecked(info) ? "checksum confirmed" : "the store states no checksum to compare with")}";

    /// <summary>Whether the store stated a checksum of the whole: the downloader has compared it then.</summary>
    private static bool IsChecked(ObjectInfo info) => info.Crc64 is not null || info.Md5 is not null;
}
