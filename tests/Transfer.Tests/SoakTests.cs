using System.Security.Cryptography;
using SyncAgent.DevStore;

namespace SyncAgent.Transfer.Tests;

/// <summary>Tests that measure the memory of the whole process: no other runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneInTheProcess
{
    public const string Name = "alone in the process";
}

/// <summary>Many files of all sizes over a link where everything goes wrong now and then.</summary>
[Collection(AloneInTheProcess.Name)]
public sealed class SoakTests : IAsyncLifetime
{
    private const int Files = 200;
    private const int FilesAtOnce = 6;
    private const long Largest = 64 << 20;
    private const long Mebibyte = 1 << 20;

    /// <summary>Bytes in all, so that this takes seconds; the long form draws sizes evenly and takes them as they come.</summary>
    private const long Most = 400 * Mebibyte;

    private static readonly bool Full = Environment.GetEnvironmentVariable("SYNCAGENT_TEST_ALL") == "1";

    private readonly PartBudget _budget = new(256 * Mebibyte, 64);
    private UploadRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await UploadRig.StartAsync(attempts: 12);

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Everything_arrives_and_nothing_is_left_behind()
    {
        PlanFaults();
        var sizes = Sizes();
        var transfer = _rig.Options.Transfer with { MultipartThreshold = Mebibyte, PartSize = Mebibyte, MaxBackoff = TimeSpan.FromMilliseconds(20) };
        var uploader = new FileUploader(_rig.Store, _rig.Options with { Attempts = 12, Transfer = transfer }, budget: _budget);
        await SendAsync(uploader, sizes, 0, Files / 4);
        var early = GC.GetTotalMemory(forceFullCollection: true);
        await SendAsync(uploader, sizes, Files / 4, Files);
        var late = GC.GetTotalMemory(forceFullCollection: true);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{sizes.Sum() / Mebibyte} MiB in {Files} files; faults {string.Join(", ", _rig.Server.Faults.Rules.Select(rule => $"{rule.Rule.Kind} {rule.Hits}"))}; " +
            $"memory {early / Mebibyte} MiB, then {late / Mebibyte} MiB");

        Assert.InRange(late - early, long.MinValue, 16 * Mebibyte);
        Assert.All(_rig.Server.Faults.Rules, rule => Assert.True(rule.Hits > 0, $"{rule.Rule.Kind} never happened"));
        Assert.Equal((0, 0L), (_budget.PartsInFlight, _budget.BytesInFlight));
        await _rig.QuietAsync();
        // Left are uploads whose id was lost with the reply: nobody can know it.
        var lost = _rig.Calls("InitiateMultipartUpload").Where(call => call is { Status: 200, Replied: false }).Select(call => call.UploadId);
        Assert.Equal(lost.Order(), _rig.Open.Select(upload => upload.UploadId).Order());
        Assert.All(_rig.Known, known => Assert.Equal((null, true), (known.UploadId, known.Lost)));
        Assert.Equal(Files, _rig.Server.ListKeys(UploadRig.Bucket).Count);
    }

    private async Task SendAsync(FileUploader uploader, List<long> sizes, int from, int to) => await Parallel.ForEachAsync(
        Enumerable.Range(from, to - from), new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce }, async (number, stop) =>
        {
            var path = Path.Combine(_rig.Folder, $"file-{number}");
            var expected = Make(path, sizes[number], number);
            var receipt = await uploader.UploadAsync(path, $"k/{number}", cancellationToken: stop).WaitAsync(TimeSpan.FromMinutes(Full ? 10 : 2), stop);
            File.Delete(path);
            Assert.Equal((sizes[number], true), (receipt.Size, receipt.Confirmed));
            Assert.Equal(expected, HashOfObject($"k/{number}"));
        });

    /// <summary>Sizes of files: as many below 1 KiB as between 1 and 2 MiB, say; or evenly.</summary>
    private static List<long> Sizes()
    {
        var random = new Random(20260101);
        var sizes = new List<long> { 0, 1, Mebibyte, Mebibyte + 1, Full ? Largest : Largest / 2 };
        while (sizes.Count < Files)
        {
            var size = Full ? random.NextInt64(Largest) : (long)Math.Pow(Largest, random.NextDouble()) - 1;
            sizes.Add(Full || sizes.Sum() + size <= Most ? size : size % (Mebibyte / 4));
        }

        return [.. sizes.OrderBy(_ => random.Next())];
    }

    private void PlanFaults()
    {
        Add(new FaultRule { Kind = FaultKind.Error, Probability = 0.03, Seed = 1 });
        Add(new FaultRule { Kind = FaultKind.Error, Probability = 0.02, Seed = 2, Status = 500, Code = "InternalError" });
        foreach (var operation in (string[])["UploadPart", "PutObject"])
        {
            Add(new FaultRule { Kind = FaultKind.ResetMidBody, Operation = operation, Probability = 0.02, Seed = 3, AfterBytes = 40 });
            Add(new FaultRule { Kind = FaultKind.CorruptByte, Operation = operation, Probability = operation == "PutObject" ? 0.03 : 0.01, Seed = 4, AfterBytes = 20 });
        }

        Add(new FaultRule { Kind = FaultKind.LoseReply, Probability = 0.01, Seed = 5 });
        // Of these the first that hits counts: up to 200 ms, a fifth of the requests each.
        foreach (var (seed, latency) in new[] { (6, 200), (7, 100), (8, 50), (9, 20) })
            Add(new FaultRule { Kind = FaultKind.Latency, Probability = 0.2, Seed = seed, LatencyMilliseconds = latency });

        void Add(FaultRule rule) => _rig.Server.Faults.Add(rule with { Times = null });
    }

    private static string Make(string path, long size, int seed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        var random = new Random(seed);
        var buffer = new byte[Mebibyte / 4];
        using var file = File.Create(path);
        for (var left = size; left > 0; left -= buffer.Length)
        {
            random.NextBytes(buffer);
            var piece = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            hash.AppendData(piece);
            file.Write(piece);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private string HashOfObject(string key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        using var stored = _rig.Server.ReadObject(UploadRig.Bucket, key)!;
        var buffer = new byte[Mebibyte / 4];
        for (int read; (read = stored.Read(buffer)) > 0;) hash.AppendData(buffer.AsSpan(0, read));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
