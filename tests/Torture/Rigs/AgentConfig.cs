using System.Text.Json;

namespace SyncAgent.Torture.Rigs;

/// <summary>How the agent of one life is configured: everything small, so that much happens in little time.</summary>
internal sealed record AgentConfig
{
    /// <summary>Where the drive is mounted.</summary>
    public required string Mount { get; init; }

    /// <summary>Further drives on the same bucket: mount point and prefix.</summary>
    public IReadOnlyList<(string Mount, string Prefix)> More { get; init; } = [];

    /// <summary>What the drive's keys begin with.</summary>
    public const string Prefix = "d/";

    /// <summary>Where removed objects go, or null.</summary>
    public string? Trash { get; init; }

    /// <summary>Removed objects above which the agent asks first.</summary>
    public int MassDeleteLimit { get; init; } = 25_000;

    /// <summary>Bytes of the disk that writes leave free: more than what the logs of journal and cache grow to before they are folded in.</summary>
    public long StagingReserve { get; init; } = 32 << 20;

    /// <summary>Bytes of synced files that stay here.</summary>
    public long CacheSize { get; init; } = 2 << 20;

    /// <summary>Bytes of read objects that stay here.</summary>
    public long ReadCacheSize { get; init; } = 1 << 20;

    /// <summary>Bytes of a part.</summary>
    public long PartSize { get; init; } = 100 << 10;

    /// <summary>Above this a file goes up in parts.</summary>
    public long MultipartThreshold { get; init; } = 256 << 10;

    /// <summary>Nodes in memory.</summary>
    public int NodesInMemory { get; init; } = 1000;

    /// <summary>Seconds without a change before a file is sent.</summary>
    public double Debounce { get; init; } = 0.05;

    /// <summary>Files under way at once.</summary>
    public int ParallelFiles { get; init; } = 6;

    /// <summary>Writes it for a rig.</summary>
    public void Write(string path, string state, Uri endpoint, string bucket)
    {
        var drives = More.Prepend((Mount, Prefix)).Select(drive => new
        {
            mount = drive.Item1,
            store = "oss",
            endpoint = endpoint.GetLeftPart(UriPartial.Authority),
            region = "cn-hangzhou",
            bucket,
            prefix = drive.Item2,
            ignore = (string[])["*.ign"],
        });
        var transfer = new Dictionary<string, object>
        {
            ["partSize"] = PartSize, ["multipartThreshold"] = MultipartThreshold, ["debounceSeconds"] = Debounce,
            ["massDeleteLimit"] = MassDeleteLimit, ["parallelFiles"] = ParallelFiles,
        };
        if (Trash is not null) transfer["trash"] = Trash;
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            state,
            drives,
            transfer,
            limits = new { cacheSize = CacheSize, readCacheSize = ReadCacheSize, stagingReserve = StagingReserve, nodesInMemory = NodesInMemory, readTimeoutSeconds = 10 },
        }));
    }
}
