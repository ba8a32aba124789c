using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Repeats calls that must not be repeated blindly: after a failure that leaves doubt it looks whether the call was carried out, and
/// only when it was not makes it again.
/// </summary>
internal sealed class DoubtfulCalls(IObjectStore store, int attempts, Backoff backoff, TimeProvider time)
{
    /// <summary>Makes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="find">Its result when it was carried out all the same, or null.</param>
    /// <param name="cancellationToken">Cancels the waits.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, Func<Task<T?>> find, CancellationToken cancellationToken)
        where T : class
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (StoreException e) when (!StoreErrors.IsContradiction(e)
                && (StoreErrors.LeavesDoubt(e) || e.Kind is StoreErrorKind.NoSuchUpload or StoreErrorKind.AlreadyExists))
            {
                if (await find() is { } result) return result;
                if (!e.IsTransient || attempt == attempts) throw;
                await WaitAsync(e, attempt, cancellationToken);
            }
            catch (StoreException e) when (e.IsTransient && !StoreErrors.IsContradiction(e) && attempt < attempts)
            {
                await WaitAsync(e, attempt, cancellationToken);
            }
        }
    }

    /// <summary>The object under a key when it is the one that was to be stored: with this content by the store's own statement, or
    /// with this nonce; and stored as it was to be, as far as the store tells. One with the same bytes and another type is an older one.</summary>
    public async Task<StoredObject?> FindAsync(
        string key, long size, ulong crc, ObjectOptions options, string? nonce, CancellationToken cancellationToken)
    {
        var found = await store.HeadAsync(key, cancellationToken);
        return found is not null && found.Size == size && HasContent(found, crc, nonce) && IsStoredAs(found, options)
            ? new StoredObject(found.ETag, found.Crc64, found.VersionId, null)
            : null;
    }

    /// <summary>Waits as long as the store asked for, within reason, and never less than without its asking.</summary>
    private Task WaitAsync(StoreException error, int attempt, CancellationToken cancellationToken) =>
        Task.Delay(backoff.Transient(attempt, error.RetryAfter), time, cancellationToken);

    private static bool HasContent(ObjectInfo found, ulong crc, string? nonce) => found.Crc64 is { } stated
        ? stated == crc
        : nonce is not null && found.Metadata.GetValueOrDefault(FileMultipart.NonceName) == nonce;

    private static bool IsStoredAs(ObjectInfo found, ObjectOptions options) =>
        (options.ContentType is null || options.ContentType == found.ContentType)
        && options.Metadata.All(pair => found.Metadata.GetValueOrDefault(pair.Key) == pair.Value);
}
