using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent put</c>: one file to one key, without a drive. Stopped or killed, the same command goes on where it was.</summary>
internal static class PutCommand
{
    private const string UnknownCallback = "whether the callback was answered is not known: the reply was lost";

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
        var uploader = new FileUploader(access.Store, request.Send, context.Time, new WarningLog<FileUploader>(context.Error), link);
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
            ? JsonSerializer.Serialize(ResultOf(request, receipt, seconds), DirectJson.Default.TransferResult)
            : Describe(request.File, $"{target.Bucket}/{target.Prefix}{request.Key}", receipt));
        if (receipt.PossiblyOpen)
            await context.Error.WriteLineAsync("syncagent: a reply was lost, so that an upload of this key may still be open: see \"syncagent uploads list\".");
        if (request.Object.Callback is null || receipt.Callback is { Notified: true }) return ExitCodes.Ok;
        await context.Error.WriteLineAsync(receipt.Callback is { } callback
            ? $"syncagent: the file is stored, but the callback failed: {callback.Message}"
            : $"syncagent: the file is stored, but {UnknownCallback}.");
        return ExitCodes.NeedsUser;
    }

    /// <summary>What was stored, and what proves it, in one line.</summary>
    internal static string Describe(string from, string to, FileReceipt receipt)
    {
        var resumed = receipt.SentBytes < receipt.Size ? $", {ByteSize.Format(receipt.Size - receipt.SentBytes)} of it were there already" : "";
        var version = receipt.VersionId is { } id ? $", version {id}" : "";
        var check = receipt.Confirmed ? "checksum confirmed" : "the store checked the MD5 of each request";
        return $"{from} -> {to}: {ByteSize.Format(receipt.Size)}, {check}{resumed}{version}";
    }

    private static TransferResult ResultOf(Request request, FileReceipt receipt, double seconds) => new(
        request.Key, receipt.Size, receipt.ETag, receipt.Crc64.ToString(CultureInfo.InvariantCulture), receipt.Confirmed, seconds)
    {
        SentBytes = receipt.SentBytes,
        VersionId = receipt.VersionId,
        CallbackNotified = receipt.Callback?.Notified,
        CallbackMessage = request.Object.Callback is null ? null : receipt.Callback is { } callback ? callback.Message : UnknownCallback,
    };

    private sealed record Request(string File, string Key, ObjectOptions Object, FileUploadOptions Send, bool Json);
}
