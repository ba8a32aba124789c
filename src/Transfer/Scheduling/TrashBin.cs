using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Copies removed objects on the server to "trash, date and time, their path" before they are deleted. Nothing is deleted before its
/// copy is confirmed; after a kill between the two it is copied again, to the same place.
/// </summary>
internal sealed class TrashBin(TransferContext context, UploadCheckpoint checkpoint, UploadStarter starter)
{
    private const int CopiesAtOnce = 16;
    private const int MaxKeyBytes = 1023;
    private const int MaxPlaces = 60;

    private static readonly TimeSpan UntilLookedAgain = TimeSpan.FromSeconds(1);

    /// <summary>The multipart copy of a doomed key has no node; this stands for it in the journal.</summary>
    public static long NodeOf(long doomed) => -doomed;

    /// <summary>Copies what of a page goes to the trash. A key whose copy fails is not open any more after this.</summary>
    public async Task KeepAsync(DoomedPage page, CancellationToken stop)
    {
        var outcomes = new ConcurrentQueue<Action>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = CopiesAtOnce, CancellationToken = stop };
        try
        {
            await Parallel.ForEachAsync(page.Open.Where(context.GoesToTrash).ToList(), options, async (doomed, token) =>
                outcomes.Enqueue(await KeepAsync(page, doomed, token)));
        }
        finally
        {
            foreach (var outcome in outcomes) outcome();
        }
    }

    private async Task<Action> KeepAsync(DoomedPage page, DoomedKey doomed, CancellationToken stop)
    {
        try
        {
            var key = await CopyAsync(doomed, stop);
            return key is null
                ? () => page.Fail(doomed, "its name is too long for the trash, so it was not deleted. Rename it, or switch the trash off.")
                : () => page.SetTrashed(doomed, key);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.PreconditionFailed or StoreErrorKind.NotFound)
        {
            return () => page.Defer(doomed, UntilLookedAgain, doomed.Attempts, null); // changed since it was compared
        }
        catch (StoreException e) when (StoreErrors.IsOfOneKey(e))
        {
            return () => page.Fail(doomed, e);
        }
    }

    /// <summary>Where the copy is; null when the name would be too long.</summary>
    private async Task<string?> CopyAsync(DoomedKey doomed, CancellationToken stop)
    {
        // Two files of one name, removed within a second, get places of their own.
        for (var place = 0; place < MaxPlaces; place++)
        {
            var key = KeyOf(doomed, place);
            if (Encoding.UTF8.GetByteCount(key) > MaxKeyBytes) return null;
            try
            {
                var stored = doomed.Remote.Size > context.Store.Capabilities.MaxCopySize
                    ? await CopyLargeAsync(doomed, key, stop)
                    : await context.Store.CopyAsync(
                        doomed.Key, doomed.Remote.ETag, key, replaceMetadata: false, new ObjectOptions { ForbidOverwrite = true }, stop);
                if (stored.Crc64 is null || doomed.Remote.Crc is null || stored.Crc64 == doomed.Remote.Crc) return key;
                throw new StoreException(StoreErrorKind.ChecksumMismatch, $"the copy of {doomed.Key} in the trash has another checksum");
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists)
            {
                // Copied before a kill or a lost reply, or another object.
                if (await context.Store.HeadAsync(key, stop) is { } found && RemoteGuard.IsExpected(doomed.Remote with { Version = null }, found)) return key;
            }
        }

        throw new StoreException(StoreErrorKind.AlreadyExists, $"the trash holds {MaxPlaces} other versions of {doomed.Key} already");
    }

    private async Task<StoredObject> CopyLargeAsync(DoomedKey doomed, string key, CancellationToken stop)
    {
        var source = await context.Store.HeadAsync(doomed.Key, stop)
            ?? throw new StoreException(StoreErrorKind.NotFound, $"{doomed.Key} is gone");
        if (await context.Store.HeadAsync(key, stop) is not null) throw new StoreException(StoreErrorKind.AlreadyExists, $"{key} exists");
        var form = new ObjectOptions
        {
            ContentType = source.ContentType, CacheControl = source.CacheControl, ContentDisposition = source.ContentDisposition,
            ContentEncoding = source.ContentEncoding, StorageClass = source.StorageClass, Metadata = source.Metadata,
        };
        var node = new NodeRow { Id = NodeOf(doomed.Id), Drive = doomed.Drive, Parent = 0, Name = "", Type = NodeType.File };
        var target = new SendTarget(node, key, Expectation.Absent, null, source.Size, source.Crc64, source.Metadata);
        var plan = PartPlan.ForCopy(source.Size, context.Store.Capabilities);
        var upload = await starter.InitiateAsync(target, form, plan, stop);
        try
        {
            var parts = new ConcurrentDictionary<int, string>();
            await ParallelParts.RunAsync(
                Enumerable.Range(1, plan.Count), context.Link, context.Pause,
                async (number, token) => parts[number] = (await context.Store.UploadPartCopyAsync(
                    key, upload.UploadId!, number, doomed.Key, doomed.Remote.ETag, new ByteRange(plan.OffsetOf(number), plan.LengthOf(number)), token)).ETag,
                stop);
            var stored = await context.Store.CompleteMultipartAsync(
                key, upload.UploadId!, [.. parts.OrderBy(part => part.Key).Select(part => new PartReference(part.Key, part.Value))],
                form with { ForbidOverwrite = true }, stop);
            checkpoint.Remove(upload);
            return stored;
        }
        catch (StoreException)
        {
            checkpoint.Abandon([upload]);
            throw;
        }
    }

    private string KeyOf(DoomedKey doomed, int place)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(doomed.Since).AddSeconds(place);
        var folder = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH-mm-ss'Z'", CultureInfo.InvariantCulture);
        return $"{context.TrashPrefix}{folder}/{doomed.Key[context.Drive.Prefix.Length..]}";
    }
}
