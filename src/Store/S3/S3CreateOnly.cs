namespace SyncAgent.Store;

/// <summary>
/// "Create only" on stores that check it themselves, that refuse to, and that do not know the header and ignore it.
/// Where a look comes first, another writer may still create the key between the look and the write.
/// </summary>
internal sealed class S3CreateOnly(S3ConditionalWrites mode, bool isAmazon, Func<string, CancellationToken, Task<bool>> exists)
{
    private volatile bool _isRefused;

    /// <summary>Whether the store itself is known to check.</summary>
    public bool IsChecked => SendsHeader && !LooksFirst(isPut: true);

    private bool SendsHeader => mode is not S3ConditionalWrites.Off && !_isRefused;

    // radosgw 16 honours the header on a put and ignores it on copies and completes.
    private bool LooksFirst(bool isPut) => mode switch
    {
        S3ConditionalWrites.On => !isAmazon && !isPut,
        S3ConditionalWrites.Off => true,
        _ => !isAmazon || _isRefused,
    };

    /// <summary>Makes a call that must not overwrite.</summary>
    /// <param name="key">The key that must not be there.</param>
    /// <param name="call">The call; told what to send as If-None-Match.</param>
    /// <param name="isPut">Whether the call is a plain put.</param>
    /// <param name="hasOtherCondition">Whether the call may fail for another condition too.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<T> RunAsync<T>(
        string key, Func<string?, Task<T>> call, bool isPut, bool hasOtherCondition, CancellationToken cancellationToken)
    {
        var looked = LooksFirst(isPut);
        if (looked) await LookAsync(key, cancellationToken);
        if (!SendsHeader) return await call(null);
        try
        {
            return await call("*");
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.PreconditionFailed)
        {
            if (hasOtherCondition && !await exists(key, cancellationToken)) throw;
            throw AlreadyThere(key, e);
        }
        catch (StoreException e) when (e is { Kind: StoreErrorKind.NotSupported, MayHaveSucceeded: false } && mode is S3ConditionalWrites.Auto)
        {
            // (Of a call that was carried out, something else was not to its caller's wish: tags, encryption.)
            if (!looked) await LookAsync(key, cancellationToken);
            var result = await call(null);
            // Only now is it certain that the header was what the store could not do.
            _isRefused = true;
            return result;
        }
    }

    private async Task LookAsync(string key, CancellationToken cancellationToken)
    {
        if (await exists(key, cancellationToken)) throw AlreadyThere(key, null);
    }

    private static StoreException AlreadyThere(string key, StoreException? refusal) =>
        new(StoreErrorKind.AlreadyExists, $"The key {key} exists.", refusal)
        {
            HttpStatus = refusal?.HttpStatus ?? 0,
            Code = refusal?.Code,
            RequestId = refusal?.RequestId,
        };
}
