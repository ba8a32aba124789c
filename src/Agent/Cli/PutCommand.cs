using System.CommandLine;
using System.Text.Json;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent put</c>: one file to one key, without a drive.</summary>
internal static class PutCommand
{
    public static Command Build(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = "File to send" };
        var key = new Argument<string>("KEY") { Description = "Key below the prefix" };
        var json = new Option<bool>("--json") { Description = "For scripts" };
        var command = new Command("put", "Sends one file.") { file, key, json };
        var target = new DirectTarget(command, context);
        command.SetAction(async (parsed, stop) =>
        {
            var settings = await target.ResolveAsync(parsed, stop);
            return await RunAsync(settings, parsed.GetRequiredValue(file), parsed.GetRequiredValue(key), parsed.GetValue(json), context, stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(TargetSettings target, string file, string key, bool json, CliContext context, CancellationToken stop)
    {
        using var access = DirectTarget.Open(target, context);
        var begun = context.Time.GetTimestamp();
        var total = FileStamp.Of(file).Size;
        var (stored, size) = await TransferProgress.RunAsync(context, !json, Path.GetFileName(file), report =>
        {
            long done = 0;
            return new FilePut(access.Store, bytes => report(Interlocked.Add(ref done, bytes), total)).SendAsync(file, target.Prefix + key, stop);
        });
        var result = new TransferResult(key, size, stored.ETag, stored.Crc64?.ToString(), context.Time.GetElapsedTime(begun).TotalSeconds);
        await context.Out.WriteLineAsync(json
            ? JsonSerializer.Serialize(result, DirectJson.Default.TransferResult)
            : $"{file} -> {target.Bucket}/{target.Prefix}{key}: {ByteSize.Format(size)}, checksum confirmed");
        return ExitCodes.Ok;
    }
}
