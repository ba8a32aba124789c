using System.CommandLine;
using System.Text.Json;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent put</c>: one file to one key, without a drive. Stopped or killed, the same command goes on where it was.</summary>
internal static class PutCommand
{
    public static Command Build(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = "File to send" };
        var key = new Argument<string>("KEY") { Description = "Key below the prefix" };
        var json = new Option<bool>("--json") { Description = "For scripts" };
        var command = new Command("put", "Sends one file; run again after an interruption, it goes on where it stopped.") { file, key, json };
        var target = new DirectTarget(command, context);
        var send = new SendOptions(command);
        var flags = new ObjectFlags(command);
        command.SetAction(async (parsed, stop) =>
        {
            var options = send.Read(parsed, Path.Combine(target.StateFolder(parsed), Hosting.StateFolder.Checkpoints));
            var settings = await target.ResolveAsync(parsed, stop);
            var request = new Request(
                parsed.GetRequiredValue(file), parsed.GetRequiredValue(key), flags.Read(parsed, parsed.GetRequiredValue(key)), options, parsed.GetValue(json));
            return await RunAsync(settings, request, context, stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(TargetSettings target, Request request, CliContext context, CancellationToken stop)
    {
        var link = new TransferLink(request.Send.Transfer.ParallelParts);
        using var access = DirectTarget.Open(target, context, link.Failed);
        var uploader = new FileUploader(access.Store, request.Send, context.Time, link: link);
        var begun = context.Time.GetTimestamp();
        FileReceipt receipt;
        try
        {
            receipt = await TransferProgress.RunAsync(
                context, !request.Json, Path.GetFileName(request.File),
                progress => uploader.UploadAsync(request.File, target.Prefix + request.Key, request.Object, progress, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && request.Send is { CheckpointFolder: not null, KeepOnCancel: true })
        {
            throw new CommandException(ExitCodes.NeedsUser, "stopped. The same command goes on where it was.");
        }

        var seconds = context.Time.GetElapsedTime(begun).TotalSeconds;
        await context.Out.WriteLineAsync(request.Json
            ? JsonSerializer.Serialize(ResultOf(request.Key, receipt, seconds), DirectJson.Default.TransferResult)
            : Describe(target, request, receipt));
        if (receipt.PossiblyOpen)
            await context.Error.WriteLineAsync("syncagent: a reply was lost, so that an upload of this key may still be open: see \"syncagent uploads list\".");
        if (receipt.Callback is not { Notified: false } callback) return ExitCodes.Ok;
        await context.Error.WriteLineAsync($"syncagent: the file is stored, but the callback failed: {callback.Message}");
        return ExitCodes.NeedsUser;
    }

    private static string Describe(TargetSettings target, Request request, FileReceipt receipt)
    {
        var resumed = receipt.SentBytes < receipt.Size ? $", {ByteSize.Format(receipt.Size - receipt.SentBytes)} of it were there already" : "";
        var version = receipt.VersionId is { } id ? $", version {id}" : "";
        return $"{request.File} -> {target.Bucket}/{target.Prefix}{request.Key}: {ByteSize.Format(receipt.Size)}, checksum confirmed{resumed}{version}";
    }

    private static TransferResult ResultOf(string key, FileReceipt receipt, double seconds) => new(
        key, receipt.Size, receipt.ETag, receipt.Crc64.ToString(System.Globalization.CultureInfo.InvariantCulture), seconds)
    {
        SentBytes = receipt.SentBytes,
        VersionId = receipt.VersionId,
        CallbackNotified = receipt.Callback?.Notified,
        CallbackMessage = receipt.Callback?.Message,
    };

    private sealed record Request(string File, string Key, ObjectOptions Object, FileUploadOptions Send, bool Json);
}
