using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Retry;

namespace SyncAgent.Store;

/// <summary>
/// Repeats calls that failed for a passing reason, but only those that may be carried out twice. Initiate, Complete, Copy, a
/// create-only put and one with a callback go through once: their callers decide by looking at the store. An opened body is not
/// repeated either.
/// </summary>
public sealed partial class RetryingStore : IObjectStore
{
    private readonly IObjectStore _inner;
    private readonly ResiliencePipeline _pipeline;

    /// <summary>Wraps a store.</summary>
    /// <param name="inner">The store to call.</param>
    /// <param name="options">How often and how soon.</param>
    /// <param name="time">Clock of the waits.</param>
    /// <param name="random">Source of the jitter; used under a lock, so it may be shared only if others lock it too.</param>
    /// <param name="logger">Told of each repeat, or null.</param>
    /// <param name="onRepeat">Called with the failure of each attempt that is made again, before the wait, or null. Must not throw.</param>
    /// <exception cref="ArgumentException">The options have mistakes; the message lists all of them.</exception>
    public RetryingStore(
        IObjectStore inner, RetryOptions options, TimeProvider time, Random random, ILogger<RetryingStore>? logger = null,
        Action<StoreException>? onRepeat = null)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new ArgumentException($"The retry options cannot be used:\n  {string.Join("\n  ", errors)}", nameof(options));
        _inner = inner;
        _pipeline = options.Attempts == 1
            ? ResiliencePipeline.Empty
            : MakePipeline(options, time, random, logger ?? NullLogger<RetryingStore>.Instance, onRepeat);
    }

    /// <inheritdoc/>
    public StoreCapabilities Capabilities => _inner.Capabilities;

    /// <inheritdoc/>
    public Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken) =>
        RepeatAsync(static (s, a, ct) => s.ListAsync(a, ct), request, cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken) =>
        RepeatAsync(static (s, a, ct) => s.HeadAsync(a, ct), key, cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken) =>
        // Polly's token is the caller's own (there is no time-out in the pipeline), so the body outlives the call.
        RepeatAsync(static (s, a, ct) => s.GetAsync(a.key, a.range, a.ifMatch, ct), (key, range, ifMatch), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject> PutAsync(string key, ObjectContent content, ObjectOptions options, CancellationToken cancellationToken) =>
        options.ForbidOverwrite || options.Callback is not null
            ? _inner.PutAsync(key, content, options, cancellationToken)
            : RepeatAsync(static (s, a, ct) => s.PutAsync(a.key, a.content, a.options, ct), (key, content, options), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject> CopyAsync(
        string sourceKey, string? sourceETag, string key, bool replaceMetadata, ObjectOptions options, CancellationToken cancellationToken) =>
        _inner.CopyAsync(sourceKey, sourceETag, key, replaceMetadata, options, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        RepeatAsync(static async (s, a, ct) => { await s.DeleteAsync(a, ct); return true; }, key, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeleteResult>> DeleteManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        RepeatAsync(static (s, a, ct) => s.DeleteManyAsync(a, ct), keys, cancellationToken);

    /// <inheritdoc/>
    public Task<string> InitiateMultipartAsync(string key, ObjectOptions options, CancellationToken cancellationToken) =>
        _inner.InitiateMultipartAsync(key, options, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredPart> UploadPartAsync(
        string key, string uploadId, int partNumber, ObjectContent content, CancellationToken cancellationToken) =>
        RepeatAsync(
            static (s, a, ct) => s.UploadPartAsync(a.key, a.uploadId, a.partNumber, a.content, ct),
            (key, uploadId, partNumber, content), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredPart> UploadPartCopyAsync(
        string key, string uploadId, int partNumber, string sourceKey, string? sourceETag, ByteRange range, CancellationToken cancellationToken) =>
        RepeatAsync(
            static (s, a, ct) => s.UploadPartCopyAsync(a.key, a.uploadId, a.partNumber, a.sourceKey, a.sourceETag, a.range, ct),
            (key, uploadId, partNumber, sourceKey, sourceETag, range), cancellationToken);

    /// <inheritdoc/>
    public Task<PartsPage> ListPartsAsync(string key, string uploadId, int partNumberMarker, CancellationToken cancellationToken) =>
        RepeatAsync(
            static (s, a, ct) => s.ListPartsAsync(a.key, a.uploadId, a.partNumberMarker, ct), (key, uploadId, partNumberMarker), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject> CompleteMultipartAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, CancellationToken cancellationToken) =>
        _inner.CompleteMultipartAsync(key, uploadId, parts, options, cancellationToken);

    /// <inheritdoc/>
    public Task AbortMultipartAsync(string key, string uploadId, CancellationToken cancellationToken) =>
        RepeatAsync(
            static async (s, a, ct) => { await s.AbortMultipartAsync(a.key, a.uploadId, ct); return true; }, (key, uploadId), cancellationToken);

    /// <inheritdoc/>
    public Task<UploadsPage> ListUploadsAsync(string prefix, string? keyMarker, string? uploadIdMarker, CancellationToken cancellationToken) =>
        RepeatAsync(
            static (s, a, ct) => s.ListUploadsAsync(a.prefix, a.keyMarker, a.uploadIdMarker, ct), (prefix, keyMarker, uploadIdMarker), cancellationToken);

    private Task<TResult> RepeatAsync<TArguments, TResult>(
        Func<IObjectStore, TArguments, CancellationToken, Task<TResult>> call, TArguments arguments, CancellationToken cancellationToken) =>
        _pipeline.ExecuteAsync(
            static (state, ct) => new ValueTask<TResult>(state.call(state._inner, state.arguments, ct)), (call, _inner, arguments), cancellationToken).AsTask();

    private static ResiliencePipeline MakePipeline(
        RetryOptions options, TimeProvider time, Random random, ILogger logger, Action<StoreException>? onRepeat) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                Delay = options.BaseDelay,
                MaxDelay = options.MaxDelay,
                UseJitter = true,
                Randomizer = () =>
                {
                    lock (random) return random.NextDouble();
                },
                ShouldHandle = new PredicateBuilder().Handle<StoreException>(e => e.IsTransient),
                DelayGenerator = arguments => new ValueTask<TimeSpan?>(
                    (arguments.Outcome.Exception as StoreException)?.RetryAfter is { } asked
                        ? TimeSpan.FromTicks(Math.Min(asked.Ticks, options.MaxRequestedDelay.Ticks))
                        : null),
                OnRetry = arguments =>
                {
                    // ShouldHandle has let nothing else through.
                    var failure = (StoreException)arguments.Outcome.Exception!;
                    LogRepeat(logger, arguments.AttemptNumber + 1, arguments.RetryDelay.TotalSeconds, failure.Message);
                    onRepeat?.Invoke(failure);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
}
