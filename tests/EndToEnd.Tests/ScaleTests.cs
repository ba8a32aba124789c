using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Large folders on a real mount: what they cost in requests, and in memory.</summary>
public sealed class ScaleTests
{
    private const int Objects = 20_000;
    private const int Pages = Objects / 1000;
    private const long MaxResidentKilobytes = 300 * 1024;

    [Fact]
    public async Task A_large_folder_costs_the_pages_of_its_listing_and_is_listed_again_with_the_store_away()
    {
        await using var rig = await Rig.StartAsync();
        await rig.Store.KillAsync();
        ManyObjects.Write(Path.Combine(rig.Work, "store"), DevStoreProcess.Bucket, Enumerable.Range(0, Objects).Select(i => ($"many/file-{i:D6}", (long)i)));
        await rig.Store.StartAsync();
        var config = Path.Combine(rig.Work, "config.json");
        await File.WriteAllTextAsync(config, $$"""
            {
              "state": "{{rig.State}}",
              "drives": [ { "mount": "{{rig.Drive}}", "endpoint": "{{rig.Store.Endpoint.GetLeftPart(UriPartial.Authority)}}", "region": "cn-hangzhou",
                "bucket": "{{DevStoreProcess.Bucket}}" } ],
              "limits": { "learnPerSecond": 0 }
            }
            """, TestContext.Current.CancellationToken);
        await rig.MountAsync(["mount", "--config", config]);
        await rig.ListAsync();

        // 20 pages of the folder, and one of the root.
        Assert.Equal($"{Objects}", await rig.ShAsync("""ls -l "$DRIVE/many" | grep -c file-"""));
        Assert.Equal($"{Objects}", await rig.ShAsync("""ls "$DRIVE/many" | grep -c file-"""));
        Assert.Equal("file-019999 19999", await rig.ShAsync("""find "$DRIVE/many" -name 'file-019999' -printf '%f %s\n'"""));
        var log = await rig.Store.QuietLogAsync();
        Assert.Equal((1 + Pages, 1 + Pages), (log.Count(request => request.Operation == "ListObjectsV2"), log.Count));
        Assert.InRange(PeakResidentKilobytes(rig.AgentPid()!.Value), 1, MaxResidentKilobytes);

        await rig.Store.KillAsync();
        await rig.KillAgentAsync();
        await rig.MountAsync(["mount", "--config", config]);
        Assert.Equal($"{Objects}", await rig.ShAsync("""ls -l "$DRIVE/many" | grep -c file-"""));
    }

    private static long PeakResidentKilobytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
