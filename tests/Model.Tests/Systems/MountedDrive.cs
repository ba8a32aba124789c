using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Model.Tests.Operations;
using SyncAgent.Store;

namespace SyncAgent.Model.Tests.Systems;

/// <summary>A folder of a real mount: its calls are system calls, its agent and its store are processes, and what is closed is sent while
/// the script goes on.</summary>
internal sealed class MountedDrive : IModelledDrive, IDisposable
{
    private static readonly string[] Operations = ["PutObject", "UploadPart", "CompleteMultipartUpload", "CopyObject", "DeleteObject", "HeadObject"];
    private static readonly string[] Kinds = ["Error", "ResetBeforeBody", "LoseReply"];

    private readonly Rig _rig;
    private readonly OssObjectStore _store;
    private readonly string _name;
    private PosixFolder _folder;

    public MountedDrive(Rig rig, string name)
    {
        _rig = rig;
        _name = name;
        _folder = new PosixFolder(Path.Combine(rig.Drive, name));
        _store = OssObjectStore.Create(
            new OssStoreOptions { Bucket = DevStoreProcess.Bucket, Region = "cn-hangzhou", Endpoint = rig.Store.Endpoint.GetLeftPart(UriPartial.Authority) },
            new StaticCredentials(new StoreCredentials(rig.Environment["OSS_ACCESS_KEY_ID"], rig.Environment["OSS_ACCESS_KEY_SECRET"])), TimeProvider.System);
        Directory.CreateDirectory(Path.Combine(rig.Drive, name));
    }

    public bool SendsByItself => true;

    public Outcome Answer(Call call) => _folder.Answer(call);

    public void Settle()
    {
        // 1: something needs the user, as files do that a kill interrupted.
        var ended = Wait(_rig.WaitAsync());
        if (ended.ExitCode is not (0 or 1)) throw new MismatchException($"wait ended with {ended.ExitCode}: {ended.Output}{ended.Errors}");
    }

    public void Work(int calls)
    {
        // It works all the time.
    }

    public void Restart() => End(Native.TerminateSignal);

    public void Kill() => End(Native.KillSignal);

    public void Evict() => throw new NotSupportedException("a mounted drive gives its copies back by itself");

    public void Faults(int seed)
    {
        Wait(_rig.Store.ClearFaultsAsync());
        if (seed == 0) return;
        var random = new Random(seed);
        Wait(_rig.Store.AddFaultAsync(new { Kind = Kinds[random.Next(Kinds.Length)], Operation = Operations[random.Next(Operations.Length)], Times = random.Next(1, 4) }));
    }

    public void RemotePut(string path, byte[] bytes)
    {
        var source = Path.Combine(_rig.Work, "remote");
        File.WriteAllBytes(source, bytes);
        Wait(_rig.ChangeBucketAsync("put", $"{_name}/{path}", source));
    }

    public void RemoteDelete(string path) => Wait(_rig.ChangeBucketAsync("delete", $"{_name}/{path}"));

    public SortedDictionary<string, StoredObjectState> Bucket() => Wait(ReadBucketAsync());

    public void Dispose()
    {
        _folder.Dispose();
        _store.Dispose();
    }

    // By the system call: a child process, started to send a signal, would close its copies of what is open here, and that is a close.
    private void End(int signal)
    {
        var pid = _rig.AgentPid() ?? throw new MismatchException("no agent runs");
        Assert.Equal(0, Native.Signal(pid, signal));
        Wait(Poll.UntilAsync(() => !Directory.Exists($"/proc/{pid}"), "the end of the agent"));
        _folder.Dispose(); // what was open leads nowhere now
        _folder = new PosixFolder(Path.Combine(_rig.Drive, _name));
        Wait(_rig.MountAsync(MountLine(_rig)));
        Wait(_rig.ListAsync());
    }

    /// <summary>The one mount line: little is kept, so that much is read from the bucket, and small files have parts. Writers are not waited
    /// for at the end: the only one is this program, which waits for that end.</summary>
    public static IReadOnlyList<string> MountLine(Rig rig) =>
        rig.MountLine("--stop-timeout", "0", "--debounce", "0.05", "--cache-size", "0", "--part-size", "100KiB", "--multipart-threshold", "100KiB");

    private async Task<SortedDictionary<string, StoredObjectState>> ReadBucketAsync()
    {
        var bucket = new SortedDictionary<string, StoredObjectState>(StringComparer.Ordinal);
        string? token = null;
        do
        {
            var page = await _store.ListAsync(new ListRequest(_name + "/", null, token), CancellationToken.None);
            foreach (var key in page.Objects.Select(found => found.Key).Where(key => key.Length > _name.Length + 1))
            {
                using var body = await _store.GetAsync(key, null, null, CancellationToken.None);
                using var bytes = new MemoryStream();
                await body.Content.CopyToAsync(bytes);
                bucket.Add(key[(_name.Length + 1)..], new StoredObjectState(bytes.ToArray(), body.Info.Metadata));
            }

            token = page.ContinuationToken;
        }
        while (token is not null);
        return bucket;
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Wait(Task task) => task.GetAwaiter().GetResult();
}
