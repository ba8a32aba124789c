using SyncAgent.DevStore;

namespace SyncAgent.Torture.Rigs;

/// <summary>A machine to torture: a small disk for the state, a mount point, and a store, which runs in this process and which no kill touches.</summary>
internal sealed class Rig : IAsyncDisposable
{
    public const string Bucket = "torture";
    private const long DiskBytes = 1L << 30;
    private static readonly TimeSpan MountPatience = TimeSpan.FromMinutes(1);

    private readonly string _work;
    private readonly string _agent;
    private readonly Dictionary<string, string> _environment;
    private string _formerLog = "";

    private Rig(string work, string agent)
    {
        _work = work;
        _agent = agent;
        _environment = new Dictionary<string, string>
        {
            ["OSS_ACCESS_KEY_ID"] = OssClient.KeyId,
            ["OSS_ACCESS_KEY_SECRET"] = OssClient.Secret,
            // Lives are short: compiling the hot paths once more costs more than it brings.
            ["DOTNET_TieredPGO"] = "0",
            ["DOTNET_TC_CallCounting"] = "0",
            ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",
            ["XDG_RUNTIME_DIR"] = Directory.CreateDirectory(Path.Combine(work, "run")).FullName,
        };
    }

    /// <summary>Where the drive usually is.</summary>
    public string Drive => Path.Combine(_work, "drive");

    /// <summary>A place for other mounts.</summary>
    public string Other(string name) => Path.Combine(_work, name);

    /// <summary>The agent's state folder.</summary>
    public string State => Path.Combine(Disk.Folder, "state");

    /// <summary>The disk that it is on.</summary>
    public StateDisk Disk { get; private set; } = null!;

    /// <summary>The store.</summary>
    public DevStoreServer Store { get; private set; } = null!;

    /// <summary>Another program that uses the bucket.</summary>
    public OssClient Client { get; private set; } = null!;

    /// <summary>Requests that were taken out of the store's log.</summary>
    public Queue<RequestLogEntry> Requests { get; } = [];

    /// <summary>The agent that runs, or ran last.</summary>
    public AgentLife? Life { get; private set; }

    /// <summary>Makes the disk and starts the store.</summary>
    public static async Task<Rig> StartAsync(string work, string agent, long diskBytes = DiskBytes)
    {
        Directory.CreateDirectory(work);
        var rig = new Rig(work, agent);
        try
        {
            rig.Disk = await StateDisk.CreateAsync(Path.Combine(work, "disk"), diskBytes);
            await rig.StartStoreAsync(0);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes the store away: connections are refused.</summary>
    public Task StopStoreAsync() => Store.StopAsync();

    /// <summary>Brings it back, at the same address.</summary>
    public Task ReturnStoreAsync() => StartStoreAsync(Store.Endpoint.Port);

    /// <summary>Starts an agent.</summary>
    /// <param name="config">How.</param>
    /// <param name="crashAt">A crash point to arm, or null.</param>
    /// <param name="omit">A step to leave out, or null.</param>
    /// <returns>False when it died before its drives were mounted.</returns>
    public async Task<bool> StartAgentAsync(AgentConfig config, string? crashAt = null, string? omit = null)
    {
        if (Life is not null) _formerLog = Life.Log;
        Life?.Dispose();
        var file = Path.Combine(_work, "agent.config.json");
        config.Write(file, State, Store.Endpoint, Bucket);
        var environment = new Dictionary<string, string>(_environment);
        if (crashAt is not null) environment["SYNCAGENT_CRASH_AT"] = crashAt;
        if (omit is not null) environment["SYNCAGENT_OMIT"] = omit;
        Life = AgentLife.Start(_agent, file, environment, 1 + config.More.Count);
        return await Life.MountedAsync(MountPatience);
    }

    /// <summary>Runs a syncagent command.</summary>
    public Task<(int Code, string Output)> CommandAsync(IEnumerable<string> arguments, string? crashAt = null)
    {
        var environment = new Dictionary<string, string>(_environment);
        if (crashAt is not null) environment["SYNCAGENT_CRASH_AT"] = crashAt;
        return Tool.TryRunAsync(_agent, arguments, environment);
    }

    /// <summary>Takes away all that is mounted below the scratch folder but the state disk.</summary>
    public async Task UnmountAsync()
    {
        foreach (var place in Mounts().Where(place => place != Disk?.Folder)) await Tool.RunAsync("umount", ["-l", place]);
    }

    /// <summary>The machine is lost: journal, caches and staging are gone.</summary>
    public async Task WipeAsync()
    {
        await UnmountAsync();
        if (Directory.Exists(State)) Directory.Delete(State, recursive: true);
    }

    /// <summary>Leaves for somebody to look at what goes with this program otherwise: the agent's log, its state folder, and the store's log.</summary>
    /// <param name="path">What the names of all three begin with.</param>
    /// <param name="before">What comes before the agent's log.</param>
    public async Task KeepAsync(string path, string before)
    {
        if (Life is not null) await Life.KillAsync();
        await File.WriteAllTextAsync(path + ".agent.log", $"{before}\n--- the life before\n{_formerLog}\n--- the last life\n{Life?.Log}");
        await Tool.TryRunAsync("cp", ["-a", State, path + ".state"]);
        await File.WriteAllLinesAsync(path + ".store.log", Requests.Concat(Store.Log.Entries).Select(entry => entry.ToString()));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Life is { } life)
        {
            await life.KillAsync();
            life.Dispose();
        }

        await UnmountAsync();
        Client?.Dispose();
        if (Store is not null) await Store.DisposeAsync();
        if (Disk is not null) await Disk.DisposeAsync();
    }

    private IEnumerable<string> Mounts() =>
        [.. File.ReadLines("/proc/mounts").Select(line => line.Split(' ')[1]).Where(place => place.StartsWith(_work + "/", StringComparison.Ordinal)).Reverse()];

    private async Task StartStoreAsync(int port)
    {
        Client?.Dispose();
        Store = await DevStoreServer.StartAsync(new DevStoreOptions
        {
            RootDirectory = Path.Combine(_work, "store"),
            Port = port,
            CreateBuckets = [Bucket],
            Credentials = [new DevStoreCredential(OssClient.KeyId, OssClient.Secret)],
            DurableWrites = false, // it is killed by nobody, and the machine's power stays on
            LogCapacity = 2_000_000,
        });
        Client = new OssClient(Store.Endpoint, Bucket);
    }
}
