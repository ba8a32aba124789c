using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Sends files that are outside any drive, each as one object: in one request, or in parts with a checkpoint from which a later call,
/// also of another process, goes on. A file that changes meanwhile is begun anew with a new upload id: nothing becomes visible under
/// the key that is not the file's content at one moment. Thread-safe.
/// </summary>
public sealed class FileUploader
{
    private readonly IObjectStore _store;
    private readonly FileUploadOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CheckpointFolder? _checkpoints;
    private readonly FileMultipart _multipart;
    private readonly FilePut _put;
    private readonly TransferPause _pause;

    /// <summary>Makes an uploader.</summary>
    /// <param name="store">The bucket, with its retries around it (<see cref="RetryingStore"/>).</param>
    /// <param name="options">How to send.</param>
    /// <param name="time">Clock of waits and reports; null for the system's.</param>
    /// <param name="logger">Log; keys and paths appear in it, secrets never. Null for none.</param>
    /// <param name="link">What the link to the store bears, when somebody else tells it of errors too; null for one of its own.</param>
    /// <param name="pause">Holds uploads; null for never.</param>
    /// <param name="budget">Bounds the parts in flight of all that share it; null for one of its own.</param>
    /// <exception cref="ArgumentException">The options have mistakes; the message lists all of them.</exception>
    public FileUploader(
        IObjectStore store, FileUploadOptions options, TimeProvider? time = null, ILogger<FileUploader>? logger = null, TransferLink? link = null,
        TransferPause? pause = null, PartBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } errors)
            throw new ArgumentException($"The upload options cannot be used:\n  {string.Join("\n  ", errors)}", nameof(options));
        _store = store;
        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? (ILogger)NullLogger.Instance;
        if (options.CheckpointFolder is { } folder) _checkpoints = new CheckpointFolder(folder);
        var backoff = new Backoff(options.Transfer, options.Transfer.JitterSeed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        var tries = new DoubtfulCalls(store, options.Attempts, backoff, _time);
        link ??= new TransferLink(options.Transfer.ParallelParts);
        _put = new FilePut(store, options.Transfer, tries);
        _pause = pause ?? new TransferPause();
        _multipart = new FileMultipart(store, options.Transfer, link, _pause, budget, tries, _time, _logger);
    }

    /// <summary>Sends a file.</summary>
    /// <param name="path">A regular file.</param>
    /// <param name="key">Object key.</param>
    /// <param name="options">How the object is stored; null for the bucket's defaults.</param>
    /// <param name="progress">Told of the bytes, or null.</param>
    /// <param name="cancellationToken">Stops; what happens to the parts is <see cref="FileUploadOptions.KeepOnCancel"/>.</param>
    /// <returns>What the store confirmed.</returns>
    /// <exception cref="FileNotFoundException">There is no such regular file.</exception>
    /// <exception cref="StoreException">The store refused, or stayed away longer than the retries; or the file never rested
    /// (<see cref="StoreErrorKind.SourceChanged"/>); or it is too large (<see cref="StoreErrorKind.TooLarge"/>).</exception>
    public async Task<FileReceipt> UploadAsync(
        string path, string key, ObjectOptions? options = null, IProgress<TransferEvent>? progress = null, CancellationToken cancellationToken = default)
    {
        await using var monitor = new TransferMonitor(progress, _time, _logger);
        try
        {
            var receipt = await UploadAsync(path, key, options ?? ObjectOptions.None, monitor, cancellationToken);
            monitor.Complete();
            return receipt;
        }
        catch (Exception e)
        {
            monitor.Fail(e);
            throw;
        }
    }

    private async Task<FileReceipt> UploadAsync(
        string path, string key, ObjectOptions options, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        using var checkpoint = _checkpoints?.Open(_store.Capabilities.Location, key, Path.GetFullPath(path));
        IUploadLog log = checkpoint is null ? new MemoryLog() : checkpoint;
        try
        {
            return await FindOwnAsync(path, key, options, log, monitor, cancellationToken)
                ?? await SendUntilItRestsAsync(path, key, options, log, monitor, cancellationToken);
        }
        catch (Exception e) when (IsToLeave(e, log, cancellationToken))
        {
            await _multipart.TryGiveUpAsync(log);
            throw;
        }
    }

    /// <summary>A key that may not be overwritten must be free; or what a former call put there just before it was killed.</summary>
    private async Task<FileReceipt?> FindOwnAsync(
        string path, string key, ObjectOptions options, IUploadLog log, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        if (!options.ForbidOverwrite || await _store.HeadAsync(key, cancellationToken) is null) return null;
        if (log.Upload is { UploadId: not null })
        {
            using var source = FileSource.Open(path);
            monitor.Begin(source.Size);
            if (await _multipart.FindFormerAsync(source, key, options, log, monitor, cancellationToken) is { } receipt) return receipt;
        }

        throw new StoreException(StoreErrorKind.AlreadyExists, $"{key} exists already, and it was not to be overwritten.");
    }

    private async Task<FileReceipt> SendUntilItRestsAsync(
        string path, string key, ObjectOptions options, IUploadLog log, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        for (var change = 1; ; change++)
        {
            try
            {
                await _pause.WaitAsync(cancellationToken);
                return await SendAsync(path, key, options, log, monitor, cancellationToken);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.SourceChanged)
            {
                await _multipart.GiveUpAsync(log, cancellationToken);
                if (change == _options.MaxChanges)
                {
                    throw new StoreException(
                        StoreErrorKind.SourceChanged, $"{path} changed during each of {change} attempts; nothing was stored. Send it when it rests.", e);
                }
            }
        }
    }

    private async Task<FileReceipt> SendAsync(
        string path, string key, ObjectOptions options, IUploadLog log, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        using var source = FileSource.Open(path);
        if (source.Size > _store.Capabilities.MaxObjectSize)
        {
            throw new StoreException(
                StoreErrorKind.TooLarge,
                $"{path} has {source.Size} bytes and the store takes at most {_store.Capabilities.MaxObjectSize} in one object. Split the file.");
        }

        monitor.Begin(source.Size);
        if (source.Size > Math.Min(_options.Transfer.MultipartThreshold, _store.Capabilities.MaxPutSize))
            return await _multipart.SendAsync(source, key, options, log, monitor, cancellationToken);
        await _multipart.GiveUpAsync(log, cancellationToken); // of a former, larger content
        return await _put.SendAsync(source, key, options, monitor, cancellationToken);
    }

    /// <summary>Whether nobody will go on with the upload after an error.</summary>
    private bool IsToLeave(Exception error, IUploadLog log, CancellationToken cancellationToken) => log is MemoryLog
        || error is StoreException { Kind: StoreErrorKind.AlreadyExists }
        || (cancellationToken.IsCancellationRequested && !_options.KeepOnCancel);
}
