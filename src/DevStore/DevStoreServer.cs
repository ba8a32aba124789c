using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace SyncAgent.DevStore;

/// <summary>
/// An object server that speaks the protocol of Alibaba Cloud OSS, on loopback, with its objects in a folder. For development
/// and tests: it checks signatures strictly, survives kills and power cuts, and makes faults on request.
/// </summary>
public sealed class DevStoreServer : IAsyncDisposable
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);
    private readonly Catalog _catalog;
    private readonly KestrelServer _kestrel;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceProvider _services;
    private readonly CallbackSender _callbacks;
    private int _stopped;

    private DevStoreServer(DevStoreOptions options, Catalog catalog)
    {
        ILoggerFactory loggers = options.LoggerFactory ?? NullLoggerFactory.Instance;
        _catalog = catalog;
        _callbacks = new CallbackSender(options.TimeProvider);
        Faults = new FaultPlan(options.TimeProvider);
        Log = new RequestLog(options.LogCapacity);
        _services = new ServiceCollection().AddSingleton(loggers).BuildServiceProvider();
        var limits = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = _services };
        limits.Limits.MaxRequestBodySize = null;
        // A fault plan may be slower than any minimum rate.
        limits.Limits.MinRequestBodyDataRate = null;
        limits.Limits.MinResponseDataRate = null;
        limits.Limits.MaxRequestLineSize = 32 << 10;
        // User metadata beyond ASCII travels as raw UTF-8, both ways.
        limits.RequestHeaderEncodingSelector = _ => Encoding.UTF8;
        limits.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
        limits.Listen(options.BindAddress, options.Port);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
        _kestrel = new KestrelServer(Options.Create(limits), transport, loggers);
        Pipeline = Build(options, loggers);
    }

    /// <summary>Where it listens, e.g. <c>http://127.0.0.1:9000/</c>.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>What it does wrong on purpose.</summary>
    public FaultPlan Faults { get; }

    /// <summary>What it has been asked for.</summary>
    public RequestLog Log { get; }

    /// <summary>What is going on, and how much there is.</summary>
    public DevStoreGauges Gauges => _catalog.Read(Log.Gauges);

    private RequestPipeline Pipeline { get; }

    /// <summary>Opens the folder, repairs what a crash left, and listens.</summary>
    /// <exception cref="ArgumentException">The address is not loopback, or an option is out of range.</exception>
    /// <exception cref="IOException">The port is taken, or another server uses the folder.</exception>
    /// <exception cref="InvalidDataException">A newer version wrote the folder.</exception>
    public static async Task<DevStoreServer> StartAsync(DevStoreOptions options, CancellationToken ct = default)
    {
        if (!IPAddress.IsLoopback(options.BindAddress)) throw new ArgumentException("DevStore listens on loopback only.", nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.LogCapacity);
        foreach (string bucket in options.CreateBuckets.Concat(options.VersionedBuckets)) ThrowUnlessBucketName(bucket);
        var server = new DevStoreServer(options, Catalog.Open(options.RootDirectory, options.DurableWrites, committed: options.Committed));
        try
        {
            DateTimeOffset now = options.TimeProvider.GetUtcNow();
            foreach (string bucket in options.CreateBuckets) await server.CreateBucketAsync(bucket, now, versioning: null);
            foreach (string bucket in options.VersionedBuckets) await server.CreateBucketAsync(bucket, now, BucketRecord.VersioningEnabled);
            await server._kestrel.StartAsync(server.Pipeline, ct);
            server.Endpoint = new Uri(server._kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.Single());
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The names in a bucket, in listing order.</summary>
    /// <exception cref="InvalidOperationException">There is no such bucket.</exception>
    public IReadOnlyList<string> ListKeys(string bucket) =>
        _catalog.Read(state => state.FindBucket(bucket)?.Objects.Values.Select(o => o.Key).ToList())
        ?? throw new InvalidOperationException($"There is no bucket {bucket}.");

    /// <summary>An object as it is stored, past signatures, faults and log; null if there is none. Dispose it.</summary>
    public StoredObject? ReadObject(string bucket, string key)
    {
        if (_catalog.Read(state => state.FindBucket(bucket)?.Objects.Find(key)) is null) return null;
        try
        {
            (ObjectRecord item, SliceReader reader) = _catalog.Open(state =>
            {
                ObjectRecord found = state.GetObject(bucket, key);
                return (found, found.Slices);
            });
            return new StoredObject(item, reader);
        }
        catch (OssException)
        {
            // Deleted in between.
            return null;
        }
    }

    /// <summary>The unfinished multipart uploads of a bucket.</summary>
    /// <exception cref="InvalidOperationException">There is no such bucket.</exception>
    public IReadOnlyList<OpenUpload> OpenUploads(string bucket) =>
        _catalog.Read(state => state.FindBucket(bucket)?.Uploads.Values.Select(u => new OpenUpload(u)).ToList())
        ?? throw new InvalidOperationException($"There is no bucket {bucket}.");

    /// <summary>Stops listening, ends hung requests, gives others two seconds, closes the folder. May be called twice.</summary>
    public async Task StopAsync(CancellationToken ct = default)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0) return;
        await _stopping.CancelAsync();
        using var grace = CancellationTokenSource.CreateLinkedTokenSource(ct);
        grace.CancelAfter(StopGrace);
        await _kestrel.StopAsync(grace.Token);
        _kestrel.Dispose();
        _callbacks.Dispose();
        _catalog.Dispose();
        _stopping.Dispose();
        await _services.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private static void ThrowUnlessBucketName(string bucket)
    {
        try
        {
            RequestParser.CheckBucketName(bucket);
        }
        catch (OssException e)
        {
            throw new ArgumentException($"{bucket}: {e.Message}", e);
        }
    }

    /// <param name="versioning">To switch on in any case; null leaves a bucket that exists as it is.</param>
    private async Task CreateBucketAsync(string name, DateTimeOffset now, string? versioning) => await _catalog.CommitAsync(state =>
    {
        BucketRecord? known = state.FindBucket(name)?.Record;
        if (known is not null && (versioning is null || versioning == known.Versioning)) return null;
        return new LogRecord.BucketSet((known ?? new BucketRecord(name, now, "private", "Standard")) with { Versioning = versioning });
    });

    private RequestPipeline Build(DevStoreOptions options, ILoggerFactory loggers)
    {
        var router = new Router(
            new BucketOperations(_catalog, options),
            new VersionOperations(_catalog),
            new ListOperations(_catalog),
            new ObjectOperations(_catalog, options, _callbacks),
            new DeleteOperations(_catalog, options),
            new AttributeOperations(_catalog),
            new CopyOperations(_catalog, options),
            new MultipartOperations(_catalog, options, _callbacks),
            new MultipartListOperations(_catalog));
        return new RequestPipeline(
            options, router, new Authenticator(options), Faults, Log, ForgetUploadAsync,
            new ControlApi(options.ControlToken, options.Cnames, Faults, Log, _catalog),
            loggers.CreateLogger("SyncAgent.DevStore"), _stopping.Token);
    }

    private async Task ForgetUploadAsync(string uploadId) => await _catalog.CommitAsync(state =>
        state.HasUpload(uploadId) ? new LogRecord.UploadDropped(uploadId) : null);
}
