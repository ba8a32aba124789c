using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Sends a file in parts, going on from what its log says.</summary>
internal sealed class FileMultipart(
    IObjectStore store, TransferOptions transfer, TransferLink link, TransferPause pause, PartBudget? budget, DoubtfulCalls tries,
    TimeProvider time, ILogger logger)
{
    /// <summary>Metadata that tells our object after a lost reply where the store states no CRC-64.</summary>
    public const string NonceName = "syncagent-put";

    private const long MaxBytesInFlight = 256L << 20;

    /// <summary>How often an upload that the store lost is begun anew.</summary>
    private const int Rounds = 3;

    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(30);

    private readonly PartSender _parts = new(
        store, budget ?? new PartBudget(MaxBytesInFlight, TransferOptions.MaxParallelParts), link, pause,
        transfer.SendsMd5To(store.Capabilities));

    public async Task<FileReceipt> SendAsync(
        FileSource source, string key, ObjectOptions options, IUploadLog log, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        for (var round = 1; ; round++)
        {
            var wanted = RecordOf(source, key, options);
            if (log.Upload is { UploadId: not null } former && !former.Fits(wanted)) await GiveUpAsync(log, cancellationToken);
            var kept = await KeepAsync(log, source, cancellationToken);
            if (kept is null && await FindCompletedAsync(log, source, options, monitor, cancellationToken) is { } done) return done;
            if (kept is null) await InitiateAsync(log, wanted, options, cancellationToken);
            try
            {
                return await SendAsync(log, source, options, kept ?? [], monitor, cancellationToken);
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.NoSuchUpload or StoreErrorKind.InvalidPart && round < Rounds)
            {
                logger.LogInformation("the upload of {Key} begins anew: {Error}", key, e.Message);
                await GiveUpAsync(log, cancellationToken);
                monitor.Begin(source.Size);
            }
        }
    }

    /// <summary>The result of a former run that was killed after the store had completed its upload and before it could note that;
    /// null when there is no such thing. Sends nothing.</summary>
    public async Task<FileReceipt?> FindFormerAsync(
        FileSource source, string key, ObjectOptions options, IUploadLog log, TransferMonitor monitor, CancellationToken cancellationToken) =>
        log.Upload is { UploadId: not null } former && former.Fits(RecordOf(source, key, options)) && await KeepAsync(log, source, cancellationToken) is null
            ? await FindCompletedAsync(log, source, options, monitor, cancellationToken)
            : null;

    /// <summary>Aborts the upload of a log, if there is one, and forgets it. Throws when the store cannot be reached, or lets nobody
    /// in: then the id is still known, and a later call aborts it.</summary>
    public async Task GiveUpAsync(IUploadLog log, CancellationToken cancellationToken)
    {
        if (log.Upload is not { UploadId: { } id } upload) return;
        try
        {
            await store.AbortMultipartAsync(upload.Key, id, cancellationToken);
        }
        catch (StoreException e) when (!e.IsTransient && !StoreWatch.IsDriveWide(e.Kind))
        {
            // Keys that may write but not abort, say: that must not keep the file from being sent.
            LogLeftOpen(upload, e);
            log.Begin(upload with { Lost = true });
        }

        log.End();
    }

    /// <summary>The same at the end of a failed call, whose own error is the one to tell.</summary>
    public async Task TryGiveUpAsync(IUploadLog log)
    {
        using var timeout = new CancellationTokenSource(AbortTimeout, time);
        try
        {
            await GiveUpAsync(log, timeout.Token);
        }
        catch (Exception e) when (log.Upload is { } upload && (e is StoreException || timeout.IsCancellationRequested))
        {
            LogLeftOpen(upload, e);
        }
    }

    private void LogLeftOpen(UploadRecord upload, Exception error) =>
        logger.LogWarning("the upload {UploadId} of {Key} could not be aborted and stays open: {Error}", upload.UploadId, upload.Key, error.Message);

    /// <summary>Options with the nonce among the metadata.</summary>
    public static ObjectOptions WithNonce(ObjectOptions options, string? nonce) => nonce is null
        ? options
        : options with { Metadata = new Dictionary<string, string>(options.Metadata) { [NonceName] = nonce } };

    private static string Digest(ObjectOptions options) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
        new SortedDictionary<string, object?>
        {
            ["type"] = options.ContentType, ["cache"] = options.CacheControl, ["disposition"] = options.ContentDisposition,
            ["encoding"] = options.ContentEncoding, ["class"] = options.StorageClass, ["encryption"] = options.Encryption?.ToString(),
            ["metadata"] = new SortedDictionary<string, string>(options.Metadata.ToDictionary()),
            ["tags"] = new SortedDictionary<string, string>(options.Tags.ToDictionary()),
        })).AsSpan(0, 16));

    private UploadRecord RecordOf(FileSource source, string key, ObjectOptions options) => new(
        UploadRecord.CurrentVersion, store.Capabilities.Location, key, source.Path, source.Stamp, Digest(options),
        PartPlan.For(source.Size, transfer, store.Capabilities, link.PartSize).PartSize, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
        null, false, time.GetUtcNow());

    private UploadRow RowOf(UploadRecord upload) => new(
        0, 0, 0, 0, upload.Key, upload.UploadId, upload.PartSize, upload.Stamp.Size, UploadPhase.Active, upload.Created.ToUnixTimeMilliseconds(), true);

    /// <summary>The parts that the store still has, or null when there is no upload to go on with.</summary>
    private async Task<IReadOnlyList<PartRow>?> KeepAsync(IUploadLog log, FileSource source, CancellationToken cancellationToken)
    {
        if (log.Upload is not { UploadId: not null } upload) return null;
        try
        {
            return await PartReconciler.KeepAsync(store, RowOf(upload), log.Parts, source, static _ => { }, cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NoSuchUpload)
        {
            return null;
        }
    }

    /// <summary>The result of an upload that the store does not know any more because a former run completed it.</summary>
    private async Task<FileReceipt?> FindCompletedAsync(
        IUploadLog log, FileSource source, ObjectOptions options, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        if (log.Upload is not { UploadId: not null } upload) return null;
        var sums = await Task.Run(() => RangeSums.Compute(source, 0, source.Size, md5: false, cancellationToken), cancellationToken);
        source.ThrowIfChanged();
        var found = await tries.FindAsync(upload.Key, source.Size, sums.Crc, options, upload.Nonce, cancellationToken);
        log.End();
        if (found is null) return null;
        monitor.AddHeld(source.Size);
        return Receipt(upload, found, sums.Crc, sent: 0);
    }

    private async Task InitiateAsync(IUploadLog log, UploadRecord wanted, ObjectOptions options, CancellationToken cancellationToken)
    {
        // An intent without an id is what a kill left between the request and its reply.
        var upload = wanted with { Lost = log.Upload is { Lost: true } or { UploadId: null } };
        log.Begin(upload);
        try
        {
            var id = await tries.RunAsync(Initiate, static () => Task.FromResult<string?>(null), cancellationToken);
            log.Begin(upload with { UploadId = id });
        }
        catch
        {
            log.End();
            throw;
        }

        async Task<string> Initiate()
        {
            try
            {
                var nonce = store.Capabilities.ObjectCrc64 ? null : upload.Nonce;
                return await store.InitiateMultipartAsync(upload.Key, WithNonce(options, nonce), cancellationToken);
            }
            catch (Exception e) when (e is not StoreException { MayHaveSucceeded: false } && !upload.Lost)
            {
                // The store may have begun an upload whose id nobody knows.
                upload = upload with { Lost = true };
                log.Begin(upload);
                throw;
            }
        }
    }

    private async Task<FileReceipt> SendAsync(
        IUploadLog log, FileSource source, ObjectOptions options, IReadOnlyList<PartRow> kept, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        var upload = log.Upload!;
        monitor.AddHeld(kept.Sum(part => part.Length));
        var parts = await _parts.SendAsync(RowOf(upload), source, kept, monitor, log.Record, cancellationToken);
        var crc = PartSender.Crc(parts);
        var now = await Task.Run(() => RangeSums.Compute(source, 0, source.Size, md5: false, cancellationToken), cancellationToken);
        source.ThrowIfChanged();
        if (now.Crc != crc) throw source.Changed(); // all else is as it was: somebody put the times back
        StoredObject stored;
        try
        {
            stored = await tries.RunAsync(
                () => store.CompleteMultipartAsync(upload.Key, upload.UploadId!, PartSender.References(parts), options, cancellationToken),
                FindAsync, cancellationToken);
        }
        catch (StoreException e) when (StoreErrors.IsContradiction(e))
        {
            log.End(); // it is over, and its object is never to be taken for the file
            throw;
        }

        log.End();
        if (stored.Crc64 is { } stated && stated != crc)
        {
            throw new StoreException(
                StoreErrorKind.ChecksumMismatch, $"The store states CRC-64 {stated:x16} of {upload.Key} and the file has {crc:x16}. Send it again.")
            {
                RequestId = stored.RequestId,
            };
        }

        link.UploadSucceeded();
        return Receipt(upload, stored, crc, source.Size - kept.Sum(part => part.Length));

        // While the upload is open it was not completed: an object with these bytes was there before.
        async Task<StoredObject?> FindAsync() => await IsOpenAsync(upload, cancellationToken)
            ? null
            : await tries.FindAsync(upload.Key, source.Size, crc, options, upload.Nonce, cancellationToken);
    }

    private async Task<bool> IsOpenAsync(UploadRecord upload, CancellationToken cancellationToken)
    {
        try
        {
            await store.ListPartsAsync(upload.Key, upload.UploadId!, 0, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NoSuchUpload)
        {
            return false;
        }
    }

    private static FileReceipt Receipt(UploadRecord upload, StoredObject stored, ulong crc, long sent) => new(
        upload.Key, upload.Stamp.Size, stored.ETag, crc, stored.Crc64 is not null, stored.VersionId, sent, stored.Callback, upload.Lost);
}
