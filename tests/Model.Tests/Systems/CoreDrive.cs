using SyncAgent.Journal;
using SyncAgent.Model.Tests.Operations;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Model.Tests.Systems;

/// <summary>
/// File system, journal and transfer engine in this process over a bucket in memory. The engine runs only while a step asks for it,
/// so a script does the same each time.
/// </summary>
internal sealed class CoreDrive : IModelledDrive, IDisposable
{
    private const string Prefix = "p/";
    private const int Sides = 8;

    /// <summary>Real time after which what was waited for counts as missed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(1);

    private static readonly StoreErrorKind[] Trouble = [StoreErrorKind.Network, StoreErrorKind.Unavailable, StoreErrorKind.Timeout, StoreErrorKind.Throttled];

    /// <summary>A state folder with an empty drive, to be copied: making one takes longer than a short script.</summary>
    private static readonly Lazy<string> Template = new(MakeTemplate);

    private readonly string _folder = NewFolder();
    private readonly ManualTimeProvider _time = new();
    private readonly List<AgentLife> _dead = [];
    private readonly FakeObjectStore _bucket;
    private readonly ReaderSide _reader;
    private AgentLife _life;
    private DateTimeOffset _workUntil;

    public CoreDrive()
    {
        _bucket = new FakeObjectStore(_time);
        _reader = new ReaderSide(_bucket);
        foreach (var file in Directory.EnumerateFiles(Template.Value)) File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        _life = Start();
        Answer(new ReadDirectory("")); // listed once: from now on what another client does is news
    }

    // In memory where there is such a folder: nothing here tests the disk.
    private static string Scratch => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    public bool SendsByItself => false;

    public Outcome Answer(Call call) => _life.Calls.Answer(call);

    public void Settle() => Transfer(() => _life.IsSettled, $"everything in the bucket");

    public void Work(int calls)
    {
        var wanted = _bucket.Calls.Count + calls;
        Transfer(() => _bucket.Calls.Count >= wanted || _life.IsSettled || _time.GetUtcNow() > _workUntil, $"{calls} calls");
    }

    public void Restart()
    {
        _life.Dispose();
        ThrowIfRefused();
        _life = Start();
    }

    public void Kill()
    {
        _life.Abandon();
        ThrowIfRefused();
        _dead.Add(_life);
        _life = Start();
    }

    public void Evict()
    {
        _life.Dispose();
        ThrowIfRefused();
        using (var journal = JournalStore.Open(_folder))
        {
            using var rows = journal.OpenReader();
            while (rows.Evictable(rows.Drives()[0].Id, 0, 100) is { Count: > 0 } page)
            {
                foreach (var row in page) journal.Commit(writer => writer.EvictContent(row.Id));
            }
        }

        _life = Start();
    }

    public void Faults(int seed)
    {
        (_bucket.Before, _bucket.After) = (null, null);
        if (seed == 0) return;
        var random = new Random(seed);
        _bucket.Before = (_, _) => Dice() is { } kind ? throw new StoreException(kind, "it never arrived") : Task.CompletedTask;
        _bucket.After = _ => Dice() is { } kind and not StoreErrorKind.Throttled
            ? throw new StoreException(kind, "the reply was lost") { MayHaveSucceeded = true }
            : Task.CompletedTask;

        StoreErrorKind? Dice()
        {
            if (_reader.IsAsking) return null;
            lock (random) return random.Next(Sides) == 0 ? Trouble[random.Next(Trouble.Length)] : null;
        }
    }

    public void RemotePut(string path, byte[] bytes) => _bucket.PutForeign(Prefix + path, bytes);

    public void RemoteDelete(string path) => _bucket.DeleteForeign(Prefix + path);

    public SortedDictionary<string, StoredObjectState> Bucket() => new(
        _bucket.Objects.Where(found => found.Key != Prefix).ToDictionary(found => found.Key[Prefix.Length..], found => new StoredObjectState(found.Value.Bytes, found.Value.Metadata)),
        StringComparer.Ordinal);

    public void Dispose()
    {
        _life.Dispose();
        foreach (var life in _dead) life.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string NewFolder() => Directory.CreateDirectory(Path.Combine(Scratch, $"syncagent-model-{Guid.NewGuid():N}")).FullName;

    private static string MakeTemplate()
    {
        var folder = NewFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var bucket = new FakeObjectStore(TimeProvider.System);
        new AgentLife(folder, Prefix, bucket, bucket, new ManualTimeProvider()).Dispose();
        return folder;
    }

    private AgentLife Start() => new(_folder, Prefix, _bucket, _reader, _time);

    private void Transfer(Func<bool> reached, string what)
    {
        _workUntil = _time.GetUtcNow() + TimeSpan.FromSeconds(20);
        var engine = _life.StartTransfer();
        try
        {
            UntilAsync(reached, what).GetAwaiter().GetResult();
        }
        finally
        {
            engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        ThrowIfRefused();
    }

    /// <summary>Moves the clock whenever nothing happens.</summary>
    private async Task UntilAsync(Func<bool> reached, string what)
    {
        using var feed = _life.Journal.Feed.Subscribe(ChangeKinds.Desired | ChangeKinds.Remote | ChangeKinds.Work);
        using var watchdog = new CancellationTokenSource(Patience);
        while (true)
        {
            _life.MakeDurable();
            if (reached()) return;
            _time.Advance(TimeSpan.FromSeconds(1));
            if (watchdog.IsCancellationRequested) throw new MismatchException($"never reached: {what}; {_life.Unsettled}");
            await feed.WaitAsync(Glance, TimeProvider.System, CancellationToken.None);
            feed.Take();
        }
    }

    private void ThrowIfRefused()
    {
        if (_life.Refusal is { } refusal) throw new MismatchException($"the journal refused a mutation: {refusal.Message}");
    }

    /// <summary>The half of the store that the file system sees; faults are for the transfer alone, whose business they are.</summary>
    private sealed class ReaderSide(FakeObjectStore bucket) : IObjectReader
    {
        private readonly AsyncLocal<bool> _asking = new();

        public bool IsAsking => _asking.Value;

        public async Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken)
        {
            _asking.Value = true;
            var page = await bucket.ListAsync(request, cancellationToken);
            var found = page.Objects.ToLookup(item => request.Delimiter is { } delimiter ? item.Key.IndexOf(delimiter, request.Prefix.Length, StringComparison.Ordinal) : -1);
            var prefixes = found.Where(group => group.Key >= 0).SelectMany(group => group.Select(item => item.Key[..(group.Key + 1)]));
            return page with { Objects = [.. found[-1]], CommonPrefixes = [.. prefixes.Distinct().Order(StringComparer.Ordinal)] };
        }

        public async Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken)
        {
            _asking.Value = true;
            return await bucket.HeadAsync(key, cancellationToken);
        }

        public async Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken)
        {
            _asking.Value = true;
            return await bucket.GetAsync(key, range, ifMatch, cancellationToken);
        }
    }
}
