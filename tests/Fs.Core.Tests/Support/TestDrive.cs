using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>
/// A drive on a temporary state folder over a bucket in memory. <see cref="KillAndRestart"/> throws the process's memory away as
/// kill -9 does: what was queued and not committed is lost. <see cref="PublishAsync"/> stands in for the transfer layer.
/// </summary>
internal sealed class TestDrive : IAsyncDisposable
{
    private static readonly OpContext Caller = new() { Uid = 1000, Gid = 1000 };

    private readonly string _folder;
    private readonly List<IDisposable> _abandoned = [];
    private JournalStore _journal = null!;
    private CacheStore _cache = null!;
    private bool _disposed;

    private readonly TimeProvider _clock;

    /// <param name="options">How the drive behaves.</param>
    /// <param name="clock">Another clock than <see cref="Time"/>.</param>
    public TestDrive(CoreOptions? options = null, TimeProvider? clock = null)
    {
        _folder = Directory.CreateTempSubdirectory("fscore").FullName;
        _clock = clock ?? Time;
        Options = options ?? new CoreOptions { Uid = 1000, Gid = 1000, StagingReserve = 0, ListingAge = TimeSpan.Zero };
        Start();
    }

    private TestDrive(TestDrive before, string folder, string boot, bool leavesAuditToTest)
    {
        _folder = folder;
        _clock = before._clock;
        Options = before.Options;
        Bucket = before.Bucket;
        Boot = boot;
        LeavesAuditToTest = leavesAuditToTest;
        Start();
    }

    public CoreOptions Options { get; set; }

    public FrozenTime Time { get; } = new();

    public FakeBucket Bucket { get; } = new();

    /// <summary>A drive on what a kill would leave now, after something has happened to that, in a folder of its own.</summary>
    /// <param name="happens">What happens to the state folder.</param>
    /// <param name="boot">Another run of the machine, for a reboot.</param>
    /// <param name="leavesAuditToTest">Whether the checks behind the mount do not run by themselves.</param>
    public TestDrive AfterKill(Action<string> happens, string? boot = null, bool leavesAuditToTest = false)
    {
        var folder = Directory.CreateTempSubdirectory("fscore").FullName;
        if (OperatingSystem.IsWindows())
        {
            Copy(_folder, folder);
        }
        else
        {
            using var copy = System.Diagnostics.Process.Start("cp", ["-a", "--", _folder + "/.", folder]);
            copy.WaitForExit();
        }

        happens(folder);
        return new TestDrive(this, folder, boot ?? Boot, leavesAuditToTest);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var below in Directory.EnumerateDirectories(from)) Copy(below, Directory.CreateDirectory(Path.Combine(to, Path.GetFileName(below))).FullName);
    }

    public CoreFileSystem Files { get; private set; } = null!;

    public GroupCommitter Groups { get; private set; } = null!;

    public string Folder => _folder;

    /// <summary>Which run of the machine this is; another one is a reboot.</summary>
    public string Boot { get; set; } = MachineBoot.Id;

    /// <summary>Whether a test runs <see cref="Audit"/> itself.</summary>
    public bool LeavesAuditToTest { get; set; }

    public LostAndFound Lost { get; private set; } = null!;

    public RecoveryPlan Recovery { get; private set; } = null!;

    public StagedAudit Audit { get; private set; } = null!;

    public JournalReader Rows { get; private set; } = null!;

    public JournalStore Journal => _journal;

    public CacheStore Cache => _cache;

    public DriveRow Drive { get; private set; } = null!;

    public OpContext Context => Caller;

    public static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public void KillAndRestart()
    {
        _abandoned.Add(_cache);
        Start();
    }

    /// <summary>Ends all that runs in the background, so that what it has not done by now it does not do.</summary>
    public async Task DisposeFilesAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await Files.DisposeAsync();
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        Start();
    }

    /// <summary>Restarts with an empty listing cache, as after a reboot that was not clean.</summary>
    public async Task LoseListingsAsync()
    {
        await StopAsync();
        CacheStore.Open(_folder, discard: true).Dispose();
        Start();
    }

    public async Task<NodeAttributes> NodeAsync(string path)
    {
        var at = Files.Root;
        NodeAttributes found = default;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = (await Files.LookupAsync(Caller, at, name)).Value;
            at = found.Id;
        }

        return found;
    }

    /// <summary>A file's committed row.</summary>
    public async Task<NodeRow> RowAsync(string path)
    {
        var id = (await NodeAsync(path)).Id.Value;
        _journal.WaitCommitted(_journal.EnqueuedSequence);
        return Rows.Node(id)!;
    }

    /// <summary>As <see cref="LookupErrorAsync"/>, of a path whose folders may be missing too.</summary>
    public async Task<FsError?> LookupErrorPathAsync(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (await LookupErrorAsync(path[..slash]) is { } missing) return missing;
        }

        return await LookupErrorAsync(path);
    }

    public async Task<FsError?> LookupErrorAsync(string path)
    {
        var (parent, name) = await SplitAsync(path);
        return (await Files.LookupAsync(Caller, parent, name)).Error;
    }

    public async Task<HandleId> CreateAsync(string path)
    {
        var (parent, name) = await SplitAsync(path);
        return (await Files.CreateAsync(Caller, parent, name, 0b110_100_100, OpenFlags.Read | OpenFlags.Write)).Value.Handle;
    }

    public async Task<HandleId> OpenAsync(string path, OpenFlags flags = OpenFlags.Read | OpenFlags.Write)
    {
        var node = await NodeAsync(path);
        return (await Files.OpenAsync(Caller, node.Id, flags)).Value.Handle;
    }

    public async Task WriteAsync(HandleId handle, long offset, byte[] bytes)
    {
        var written = await Files.WriteAsync(Caller, handle, offset, bytes, clearSetId: false);
        Assert.Equal(bytes.Length, written.Value);
    }

    public async Task<byte[]> ReadAsync(HandleId handle, long offset, int count)
    {
        var buffer = new byte[count];
        var read = await Files.ReadAsync(Caller, handle, offset, buffer);
        return buffer[..read.Value];
    }

    public async Task CloseAsync(HandleId handle)
    {
        Assert.Null((await Files.ClosedAsync(Caller, handle)).Error);
        Files.Released(handle);
    }

    public async Task SaveAsync(string path, byte[] bytes)
    {
        var handle = await LookupErrorAsync(path) is null ? await OpenAsync(path, OpenFlags.Write | OpenFlags.Truncate) : await CreateAsync(path);
        await WriteAsync(handle, 0, bytes);
        await CloseAsync(handle);
    }

    public async Task<byte[]> LoadAsync(string path)
    {
        var size = (int)(await NodeAsync(path)).Size;
        var handle = await OpenAsync(path, OpenFlags.Read);
        var bytes = await ReadAsync(handle, 0, size + 10);
        Files.Released(handle);
        return bytes;
    }

    public async Task<(NodeId Parent, string Name)> SplitAsync(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? (Files.Root, path) : ((await NodeAsync(path[..slash])).Id, path[(slash + 1)..]);
    }

    public async Task<FsError?> RenameAsync(string from, string to, RenameMode mode = RenameMode.Replace)
    {
        var (parent, name) = await SplitAsync(from);
        var (newParent, newName) = await SplitAsync(to);
        return (await Files.RenameAsync(Caller, parent, name, newParent, newName, mode)).Error;
    }

    public async Task<FsError?> UnlinkAsync(string path)
    {
        var (parent, name) = await SplitAsync(path);
        return (await Files.UnlinkAsync(Caller, parent, name)).Error;
    }

    public async Task<FsError?> MakeDirectoryAsync(string path)
    {
        var (parent, name) = await SplitAsync(path);
        return (await Files.MakeDirectoryAsync(Caller, parent, name, 0b111_101_101)).Error;
    }

    public async Task<IReadOnlyList<string>> NamesAsync(string path)
    {
        var node = path.Length == 0 ? Files.Root : (await NodeAsync(path)).Id;
        var snapshot = (await Files.OpenDirectoryAsync(Caller, node)).Value;
        return [.. snapshot.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal)];
    }

    /// <summary>Sends every pending file's sealed content to where it belongs, and deletes what is doomed.</summary>
    public async Task PublishAsync()
    {
        await Groups.FlushAsync(TestContext.Current.CancellationToken);
        var journal = _journal;
        foreach (var node in Rows.DueNodes(Drive.Id, long.MaxValue, journal.DurableSequence, long.MaxValue, large: false, int.MaxValue))
        {
            var key = Drive.Prefix + Rows.Path(node.Id);
            if (node.Type == NodeType.File && node.Content is null && node.Remote is null) continue;
            if (node.Type == NodeType.File && (node.Content != node.Remote?.Generation || node.Remote?.Key != key))
            {
                var bytes = node.Content is { } id ? Hydrate(id) : Bucket.Bytes(node.Remote!.Key)!;
                var etag = Bucket.Put(key, bytes);
                var remote = new RemoteState(
                    key, etag, null, Crc64.Compute(bytes), bytes.Length, 0, node.Content ?? node.Remote!.Generation, node.AttributeVersion, Proof.Crc64);
                journal.Commit(writer => writer.ConfirmRemote(Drive.Id, node.Id, remote, null, 0));
            }
            else if (node.Type == NodeType.Directory && node.Parent != 0 && (node.Remote?.Key != key || node.Remote?.AttributeVersion != node.AttributeVersion))
            {
                var remote = new RemoteState(key, Bucket.Put(key, []), null, 0, 0, 0, null, node.AttributeVersion, Proof.Crc64);
                journal.Commit(writer => writer.ConfirmRemote(Drive.Id, node.Id, remote, null, 0));
            }

            journal.Commit(writer => writer.Settle(node.Id, node.Changed));
        }

        await Groups.FlushAsync(TestContext.Current.CancellationToken);
        foreach (var doomed in Rows.DueDoomed(Drive.Id, long.MaxValue, journal.DurableSequence, "", unasked: true, int.MaxValue))
        {
            if (Rows.NodesAtRemoteKey(Drive.Id, doomed.Key).Count == 0) Bucket.Delete(doomed.Key);
            journal.Commit(writer => writer.RemoveDoomed(doomed.Id));
        }
    }

    /// <summary>The bytes of a sealed generation as the transfer layer reads them; missing ranges are fetched.</summary>
    public byte[] Sealed(long generation)
    {
        var source = Rows.Content(generation)!;
        using var reader = ContentReader.Open(_journal.Files, source);
        var bytes = new byte[reader.Size];
        var missing = reader.MissingRanges();
        if (missing.Count == 0)
        {
            reader.Read(0, bytes);
        }
        else
        {
            var remote = Bucket.Bytes(source.Generation.BaseKey!)!;
            foreach (var piece in reader.Map!.Pieces(reader.Size))
            {
                var part = bytes.AsSpan((int)piece.Start, (int)piece.Length);
                if (piece.Owner == ExtentOwner.Base) remote.AsSpan((int)piece.Start, (int)piece.Length).CopyTo(part);
                else reader.Read(piece.Start, part);
            }
        }

        if (source.Generation.Crc is { } crc) Assert.Equal(Crc64.Compute(bytes), crc);
        return bytes;
    }

    // What only the remote base has goes into the staging file before the upload overwrites that object.
    private byte[] Hydrate(long generation)
    {
        var bytes = Sealed(generation);
        var row = Rows.Generation(generation)!;
        if (row.Base != BaseKind.Remote) return bytes;
        using (var file = StagingFile.OpenForWriting(_journal.Files.FileOf(row.Staging))) RandomAccess.Write(file, bytes, 0);
        _journal.Commit(writer => writer.DetachBase(generation));
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var item in _abandoned) item.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StopAsync()
    {
        await DisposeFilesAsync();
        await Groups.DisposeAsync();
        _journal.Dispose();
        _cache.Dispose();
    }

    private void Start()
    {
        _journal = JournalOpening.Open(_folder, _clock, NullLogger.Instance);
        Rows = _journal.OpenReader();
        Lost = new LostAndFound(_folder, _clock);
        Recovery = JournalRecovery.Run(_journal, Lost, _clock, Boot, NullLogger.Instance);
        Audit = new StagedAudit(_journal, Lost, StagedContentCheck.IsIntact(_journal, NullLogger.Instance), NullLogger.Instance);
        if (!LeavesAuditToTest) Audit.Run(everything: false, CancellationToken.None);
        if (Rows.Drives() is not [{ } drive])
        {
            var root = _journal.NewId();
            drive = new DriveRow(_journal.NewId(), root, "oss", "http://localhost", "cn-hangzhou", "bucket", "p/", "/mnt");
            var added = drive;
            _journal.Commit(writer => writer.AddDrive(
                added, new NodeRow { Id = root, Drive = added.Id, Parent = 0, Name = "", Type = NodeType.Directory, Mode = 0b111_101_101 }));
        }

        Drive = drive;
        _cache = CacheStore.Open(_folder, discard: Recovery.Rebuilt);
        Groups = new GroupCommitter(_journal, _clock, NullLogger.Instance);
        _disposed = false;
        Files = CoreFileSystem.Open(_journal, _cache, Groups, Drive, Bucket, Options, _clock, NullLogger.Instance);
    }
}
