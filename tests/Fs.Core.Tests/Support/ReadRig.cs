using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Journal;
using SyncAgent.TestKit;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>A read cache on a temporary state folder over a bucket in memory, with a clock that is moved by hand.</summary>
internal sealed class ReadRig : IAsyncDisposable
{
    private const long Drive = 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("reading").FullName;
    private CacheStore _index;

    public ReadRig(CoreOptions? options = null)
    {
        Options = options ?? new CoreOptions { StagingReserve = 0 };
        _index = CacheStore.Open(_folder, discard: false);
        Contents = Start();
    }

    public CoreOptions Options { get; set; }

    public ManualTimeProvider Time { get; } = new();

    public FakeBucket Bucket { get; } = new();

    public RemoteContents Contents { get; private set; }

    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(Path.Combine(_folder, "cache", "1"))];

    /// <summary>Bytes that differ from place to place and from seed to seed.</summary>
    public static byte[] Pattern(long length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public RemoteContent Put(string key, byte[] bytes) => Contents.Open(key, Bucket.Put(key, bytes), bytes.Length);

    /// <summary>Reads as an open file does.</summary>
    public static async Task<byte[]> ReadAsync(RemoteContent content, long offset, int length, CancellationToken cancellationToken = default)
    {
        var buffer = new byte[Math.Min(length, content.Size - offset)];
        for (var done = 0; done < buffer.Length;)
        {
            var count = content.TryRead(offset + done, buffer.AsSpan(done));
            done += count;
            if (count == 0 && !await content.FetchAsync(offset + done, buffer.Length - done, cancellationToken))
                done += await content.ReadThroughAsync(offset + done, buffer.AsMemory(done), cancellationToken);
        }

        return buffer;
    }

    /// <summary>Reads a whole object forward in the steps of the kernel's own read-ahead.</summary>
    public static async Task<byte[]> ReadForwardAsync(RemoteContent content, long from = 0, long? to = null)
    {
        var whole = new MemoryStream();
        for (var at = from; at < (to ?? content.Size); at += 128 * 1024) whole.Write(await ReadAsync(content, at, 128 * 1024));
        return whole.ToArray();
    }

    /// <summary>Returns when a condition holds.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!holds()) await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Stops in order, or as kill -9 does, and starts again.</summary>
    public async Task RestartAsync(bool kill = false, bool loseIndex = false)
    {
        var former = Contents;
        if (!kill) await former.DisposeAsync();
        _index.Dispose();
        _index = CacheStore.Open(_folder, discard: loseIndex);
        Contents = Start();
    }

    public async ValueTask DisposeAsync()
    {
        await Contents.DisposeAsync();
        _index.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private RemoteContents Start() => new(Bucket, _folder, Drive, _index, Options, Time, NullLogger.Instance);
}
