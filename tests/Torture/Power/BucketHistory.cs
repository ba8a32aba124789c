using SyncAgent.DevStore;

namespace SyncAgent.Torture.Power;

/// <summary>
/// The store of a recorded run, in this process, and a note of how long the disk's log was at each of its changes: so the bucket can be
/// brought back as it was when the power went.
/// </summary>
internal sealed class BucketHistory : IAsyncDisposable
{
    /// <summary>The bucket.</summary>
    public const string Bucket = "power";

    /// <summary>Key id that the server knows.</summary>
    public const string KeyId = "power-key";

    /// <summary>Its secret.</summary>
    public const string Secret = "power-secret";

    private const int BindAttempts = 100;
    private static readonly TimeSpan BindPause = TimeSpan.FromMilliseconds(300);

    private readonly string _root;
    private readonly string _archive;
    private readonly LoggedDisk _disk;
    private readonly List<(long Position, long Length)> _changes = [];
    private readonly HashSet<string> _kept = [];
    private DevStoreServer? _server;

    private BucketHistory(string folder, LoggedDisk disk)
    {
        _root = Path.Combine(folder, "store");
        _archive = Directory.CreateDirectory(Path.Combine(folder, "blobs")).FullName;
        _disk = disk;
    }

    /// <summary>The server.</summary>
    public DevStoreServer Server => _server ?? throw new InvalidOperationException("not started");

    /// <summary>How many changes there were.</summary>
    public int Changes => _changes.Count;

    /// <summary>Starts the store.</summary>
    public static async Task<BucketHistory> StartAsync(string folder, LoggedDisk disk)
    {
        var history = new BucketHistory(folder, disk);
        history._server = await DevStoreServer.StartAsync(OptionsOf(history._root, 0) with { CreateBuckets = [Bucket], Committed = history.Note });
        return history;
    }

    /// <summary>Starts a server on the bucket of a moment.</summary>
    /// <param name="moment">When the power went.</param>
    /// <param name="chance">Decides about changes that fell between two entries of the log.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="port">Where it listens; 0 for anywhere.</param>
    public async Task<DevStoreServer> RestoreAsync(CrashMoment moment, Random chance, string folder, int port)
    {
        var length = LengthAt(moment, chance);
        Directory.CreateDirectory(folder);
        using (var from = File.OpenHandle(Path.Combine(_root, "metadata.log"), share: FileShare.ReadWrite))
        {
            var log = new byte[length];
            RandomAccess.Read(from, log, 0);
            File.WriteAllBytes(Path.Combine(folder, "metadata.log"), log);
        }

        foreach (var blob in _kept)
        {
            var link = Path.Combine(folder, "blobs", blob);
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            Kernel.HardLink(Path.Combine(_archive, blob), link);
        }

        // Somebody else's connection may have the port for a moment.
        for (var left = BindAttempts; ; left--)
        {
            try
            {
                return await DevStoreServer.StartAsync(OptionsOf(folder, port));
            }
            catch (IOException e) when (left > 0 && e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
            {
                await Task.Delay(BindPause);
            }
        }
    }

    /// <summary>Ends the recorded store; what it was stays.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private static DevStoreOptions OptionsOf(string root, int port) => new()
    {
        RootDirectory = root, Port = port, Credentials = [new DevStoreCredential(KeyId, Secret)], DurableWrites = false,
    };

    // Called under the server's lock. Blobs are deleted only after a later change.
    private void Note(long length)
    {
        _changes.Add((_disk.Position, length));
        var blobs = Path.Combine(_root, "blobs");
        foreach (var file in Directory.EnumerateFiles(blobs, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(blobs, file);
            if (!_kept.Add(name)) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_archive, name))!);
            Kernel.HardLink(file, Path.Combine(_archive, name));
        }
    }

    private long LengthAt(CrashMoment moment, Random chance)
    {
        var certain = _changes.Count(change => change.Position < moment.Position);
        var possible = _changes.Count(change => change.Position < moment.Next);
        return _changes[chance.Next(Math.Max(certain, 1), Math.Max(possible, 1) + 1) - 1].Length;
    }
}
