using System.CommandLine;
using System.Text.Json;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent uploads</c>: multipart uploads that the bucket has open. Their parts are paid for until they are completed
/// or aborted.</summary>
internal static class UploadsCommand
{
    public static Command Build(CliContext context) => new("uploads", "Shows or aborts multipart uploads that the bucket has open.")
    {
        BuildList(context),
        BuildAbort(context),
    };

    private static Command BuildList(CliContext context)
    {
        var json = new Option<bool>("--json") { Description = "For scripts: one object per line" };
        var command = new Command("list", "Shows open uploads: age, size, and whose they are.") { json };
        var target = new DirectTarget(command, context);
        command.SetAction(async (parsed, stop) =>
        {
            var known = await KnownUploads.ReadAsync(target.StateFolder(parsed), stop);
            return await ListAsync(await target.ResolveAsync(parsed, stop), known, parsed.GetValue(json), context, stop);
        });
        return command;
    }

    private static Command BuildAbort(CliContext context)
    {
        var ids = new Argument<string[]>("ID") { Description = "Upload ids, whoever's they are; without any, those of interrupted puts of this state folder" };
        var command = new Command("abort", "Aborts uploads: by id, or those of interrupted puts. Files of drives are the agent's own business.") { ids };
        var target = new DirectTarget(command, context);
        command.SetAction(async (parsed, stop) =>
        {
            var known = await KnownUploads.ReadAsync(target.StateFolder(parsed), stop);
            return await AbortAsync(await target.ResolveAsync(parsed, stop), known, parsed.GetValue(ids) ?? [], context, stop);
        });
        return command;
    }

    private static async Task<int> ListAsync(TargetSettings target, KnownUploads known, bool json, CliContext context, CancellationToken stop)
    {
        using var access = DirectTarget.Open(target, context);
        long count = 0, bytes = 0;
        var open = new HashSet<string>();
        await foreach (var upload in OpenUploads.ListAsync(access.Store, target.Prefix, known, stop))
        {
            await context.Out.WriteLineAsync(json
                ? JsonSerializer.Serialize(upload, DirectJson.Default.OpenUpload)
                : $"{upload.Initiated.UtcDateTime:u} {Age(context.Time.GetUtcNow() - upload.Initiated),9} {ByteSize.Format(upload.Bytes),10} {Describe(upload),-26} {upload.UploadId} {Printable.Of(upload.Key)}");
            open.Add(upload.Key);
            count++;
            bytes += upload.Bytes;
        }

        // A script reads one upload per line, and nothing else.
        await SettleAsync(access.Store, target, known, open, json ? context.Error : context.Out);
        if (!json) await context.Out.WriteLineAsync($"{count} open {(count == 1 ? "upload" : "uploads")}, {ByteSize.Format(bytes)}");
        return ExitCodes.Ok;
    }

    private static async Task<int> AbortAsync(
        TargetSettings target, KnownUploads known, string[] ids, CliContext context, CancellationToken stop)
    {
        using var access = DirectTarget.Open(target, context);
        var left = ids.ToHashSet();
        var aborted = 0;
        var open = new HashSet<string>();
        await foreach (var upload in OpenUploads.ListAsync(access.Store, target.Prefix, known, stop))
        {
            if (ids.Length > 0 ? !left.Remove(upload.UploadId) : upload.Owner != UploadOwner.Put)
            {
                open.Add(upload.Key);
                continue;
            }

            if (known.PutOf(upload.Key, upload.UploadId) is { } put) await known.ForgetAsync(put, Abort);
            else await Abort();
            await context.Out.WriteLineAsync($"aborted {upload.UploadId} of {Printable.Of(upload.Key)}, {ByteSize.Format(upload.Bytes)}");
            aborted++;

            Task Abort() => access.Store.AbortMultipartAsync(upload.Key, upload.UploadId, stop);
        }

        await SettleAsync(access.Store, target, known, open, context.Out);
        if (left.Count > 0) throw new CommandException(ExitCodes.NeedsUser, $"the bucket has no open upload {string.Join(", ", left)}.");
        if (aborted == 0) await context.Out.WriteLineAsync("nothing to abort");
        return ExitCodes.Ok;
    }

    /// <summary>What a complete listing says of puts that lost the reply to an Initiate.</summary>
    private static async Task SettleAsync(IObjectStore store, TargetSettings target, KnownUploads known, HashSet<string> open, TextWriter output)
    {
        foreach (var put in known.SettleDoubts(store.Capabilities.Location, target.Prefix, open))
            await output.WriteLineAsync($"{put.Key}: the upload that a put of {put.Path} may have left open is not there; forgotten");
    }

    private static string Describe(OpenUpload upload) => upload.Owner switch
    {
        UploadOwner.Drive => "ours (drive)",
        UploadOwner.Put => $"ours (put {Path.GetFileName(upload.File)})",
        UploadOwner.PossiblyOurs => "possibly ours",
        _ => "not known",
    };

    private static string Age(TimeSpan age) => age switch
    {
        { TotalDays: >= 2 } => $"{age.TotalDays:0} days",
        { TotalHours: >= 2 } => $"{age.TotalHours:0} h",
        { TotalMinutes: >= 2 } => $"{age.TotalMinutes:0} min",
        _ => $"{Math.Max(0, age.TotalSeconds):0} s",
    };
}
