using System.Text.Json;
using System.Text.Json.Nodes;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>One store for all tests of a class.</summary>
public sealed class PutStore : IAsyncLifetime
{
    internal Rig? Rig { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Places.MayMount) Rig = await Rig.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Rig is not null) await Rig.DisposeAsync();
    }
}

/// <summary>
/// <c>syncagent put</c> of one file to one key, with a folder, a prefix and a state folder of its own, and real kills at a definite
/// moment: of eight parts two at a time, the fifth and the last hang, and all others have been acknowledged and noted.
/// </summary>
internal sealed class PutRig
{
    public const int PartSize = 1 << 20;
    public const int Parts = 8;
    public const long Size = (Parts * PartSize) - 321;

    /// <summary>What is missing after the kill. The last part begins only when all before it but the fifth have been noted.</summary>
    public static readonly int[] Missing = [5, 8];

    private readonly string _name;
    private readonly string[] _more;
    private long _seen;

    private PutRig(Rig rig, string name, string[] more)
    {
        Rig = rig;
        _name = name;
        _more = more;
    }

    public Rig Rig { get; }

    public string Key => $"{_name}/file.bin";

    public string Source => Path.Combine(Rig.Work, _name, "source");

    public string FilePath => Path.Combine(Source, "file.bin");

    public string Checkpoints => Path.Combine(Rig.Work, _name, "state", "checkpoints");

    /// <summary>Makes the file.</summary>
    /// <param name="shared">The store.</param>
    /// <param name="name">The test's own prefix.</param>
    /// <param name="more">More words of the command line.</param>
    public static async Task<PutRig> MakeAsync(PutStore shared, string name, params string[] more)
    {
        Places.SkipUnlessMountable();
        var put = new PutRig(shared.Rig!, name, more);
        await put.Rig.Store.ClearFaultsAsync();
        put.Rig.MakeFile($"{name}/source/file.bin", Size, seed: 1);
        await put.SkipToNowAsync();
        return put;
    }

    /// <summary>Sends the file until the two parts hang, then ends the program with a signal. Returns the upload id.</summary>
    public async Task<string> InterruptAsync(string signal = "KILL")
    {
        foreach (var part in Missing) await Rig.Store.AddFaultAsync(new { Kind = "Hang", Operation = "UploadPart", PartNumber = part, Key });
        using var process = Command.Start(Places.Program, Line(), Rig.Environment);
        process.StandardInput.Close();
        await Poll.UntilAsync(
            Rig.Store.LogAsync, calls => Sent(calls.Where(call => call.Key == Key && call.Sequence > _seen)).Count() == Parts - Missing.Length || process.HasExited,
            "all parts but two");
        await Poll.UntilAsync(Rig.Store.GaugesAsync, gauges => gauges.ActiveRequests == Missing.Length || process.HasExited, "two parts that hang");
        Assert.False(process.HasExited);
        await Command.RunAsync("kill", [$"-{signal}", $"{process.Id}"], Rig.Environment);
        await process.WaitForExitAsync(default).WaitAsync(Poll.Patience);
        var log = await NewCallsAsync();
        Assert.Equal(Enumerable.Range(1, Parts).Except(Missing), Sent(log));
        await Rig.Store.ClearFaultsAsync();
        return log.First(call => call.Operation == "InitiateMultipartUpload").UploadId!;
    }

    /// <summary>Sends the file.</summary>
    public Task<CommandResult> SendAsync() => Rig.AgentAsync([.. Line()]);

    /// <summary>Sends the file to its end: the program must succeed, the official client read the same bytes back, and no upload be
    /// open. Returns the requests.</summary>
    public async Task<IReadOnlyList<StoreRequest>> SendToItsEndAsync()
    {
        (await SendAsync()).Expect(0);
        return await CheckAsync();
    }

    /// <summary>The same for a program that has ended.</summary>
    public async Task<IReadOnlyList<StoreRequest>> CheckAsync()
    {
        var report = (await Rig.CompareAsync(Source, _name + "/")).ExpectClean();
        Assert.Equal(1, report.Files);
        return await NewCallsAsync();
    }

    /// <summary>Requests for the key since this was called last, once nothing runs any more.</summary>
    public async Task<IReadOnlyList<StoreRequest>> NewCallsAsync()
    {
        var log = await Rig.Store.QuietLogAsync();
        var own = log.Where(call => call.Sequence > _seen && call.Key == Key).ToList();
        _seen = log.Max(call => call.Sequence);
        return own;
    }

    /// <summary>The parts that were acknowledged, in ascending order.</summary>
    public static IEnumerable<int> Sent(IEnumerable<StoreRequest> log) =>
        DevStoreProcess.Parts(log).Where(part => part.Succeeded).Select(part => part.PartNumber!.Value).Order();

    /// <summary>The id of the upload that made the object.</summary>
    public static string Completed(IEnumerable<StoreRequest> log) => log.Single(call => call.Operation == "CompleteMultipartUpload").UploadId!;

    /// <summary>The only file of a kind in the checkpoint folder.</summary>
    public string CheckpointFile(string suffix) => Directory.EnumerateFiles(Checkpoints, "*" + suffix).Single();

    /// <summary>Asks the official client: see uploads.mjs.</summary>
    public async Task<JsonNode> UploadsAsync(params string[] words)
    {
        var answer = await Command.RunAsync(
            "node", ["uploads.mjs", Rig.Store.Endpoint.ToString(), DevStoreProcess.Bucket, .. words], Rig.Environment, Places.Conformance);
        return JsonNode.Parse(answer.Expect(0).Output)!;
    }

    /// <summary>The command line, the same for each run.</summary>
    public IReadOnlyList<string> Line() =>
    [
        "put", FilePath, Key, "--endpoint", Rig.Store.Endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou",
        "--bucket", DevStoreProcess.Bucket, "--state", Path.Combine(Rig.Work, _name, "state"), "--part-size", "1MiB", "--multipart-threshold", "1MiB",
        "--parallel-parts", "2", "--json", .. _more,
    ];

    /// <summary>SentBytes as the program told it.</summary>
    public static long SentBytes(CommandResult result) => (long)JsonSerializer.Deserialize<JsonNode>(result.Output)!["sentBytes"]!;

    /// <summary>What was asked for before is not looked at any more.</summary>
    public async Task SkipToNowAsync()
    {
        var log = await Rig.Store.QuietLogAsync();
        _seen = log.Count == 0 ? 0 : log.Max(call => call.Sequence);
    }
}
