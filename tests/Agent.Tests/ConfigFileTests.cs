using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Tests;

public class ConfigFileTests
{
    [Fact]
    public void A_whole_file_is_read()
    {
        var mistakes = new List<string>();
        var config = ConfigFile.Parse("""
            {
              // comments and a comma at the end are fine
              "state": "state",
              "drives": [
                { "mount": "a", "store": "oss", "region": "cn-hangzhou", "bucket": "one-bucket", "prefix": "x/y", "readOnly": true },
                { "mount": "/b/", "endpoint": "http://127.0.0.1:9000", "region": "cn-hangzhou", "bucket": "two-bucket", "addressing": "path" },
              ],
              "transfer": { "partSize": "8MiB", "multipartThreshold": 1048576, "parallelParts": 3, "parallelFiles": 5, "debounceSeconds": 0.5 },
              "limits": { "cacheSize": "2GB", "stagingReserve": "100k" }
            }
            """, "/etc/syncagent", mistakes);

        Assert.Empty(mistakes);
        Assert.Equal("/etc/syncagent/state", config.State);
        Assert.Equal(["/etc/syncagent/a", "/b"], config.Drives.Select(drive => drive.MountPoint));
        Assert.Equal(
            new TargetSettings("oss", null, "cn-hangzhou", "one-bucket", "x/y/", OssAddressing.Auto, false), config.Drives[0].Target);
        Assert.True(config.Drives[0].ReadOnly);
        Assert.Equal(OssAddressing.Path, config.Drives[1].Target.Addressing);
        Assert.Equal(
            new EngineSettings
            {
                PartSize = 8 << 20, MultipartThreshold = 1 << 20, ParallelParts = 3, ParallelFiles = 5, Debounce = TimeSpan.FromSeconds(0.5),
                CacheSize = 2_000_000_000, StagingReserve = 100 << 10,
            },
            config.Engine);
    }

    [Fact]
    public void A_drive_has_limits_and_ignored_names_of_its_own()
    {
        var mistakes = new List<string>();
        var config = ConfigFile.Parse("""
            {
              "drives": [
                { "mount": "/a", "region": "cn-hangzhou", "bucket": "one-bucket", "ignore": ["*.bak", "cache/"],
                  "transfer": { "parallelParts": 2 }, "limits": { "cacheSize": "1GiB", "upload": "1MiB" } },
                { "mount": "/b", "region": "cn-hangzhou", "bucket": "two-bucket" },
              ],
              "transfer": { "parallelParts": 8, "debounceSeconds": 3 }
            }
            """, "/", mistakes);

        Assert.Empty(mistakes);
        var own = config.Drives[0].Engine.Or(config.Engine);
        Assert.Equal((2, TimeSpan.FromSeconds(3), 1L << 30, 1L << 20), (own.ParallelParts, own.Debounce, own.CacheSize, own.UploadLimit));
        Assert.Equal(["*.bak", "cache/"], config.Drives[0].Ignore);
        Assert.Equal(8, config.Drives[1].Engine.Or(config.Engine).ParallelParts);
        Assert.Null(config.Drives[1].Ignore);
        Assert.Null(config.Engine.UploadLimit);
    }

    [Fact]
    public void What_is_no_drives_own_and_patterns_that_name_nothing_are_refused()
    {
        var mistakes = new List<string>();
        ConfigFile.Parse("""
            { "drives": [ { "mount": "/a", "region": "cn-hangzhou", "bucket": "one-bucket", "ignore": ["/", "a**"], "limits": { "stagingReserve": 1 } } ] }
            """, "/", mistakes);
        Assert.Collection(
            mistakes.Order(StringComparer.Ordinal),
            mistake => Assert.StartsWith("$.drives[0].ignore: \"/\" names nothing", mistake, StringComparison.Ordinal),
            mistake => Assert.StartsWith("$.drives[0].ignore: \"a**\" has \"**\" beside", mistake, StringComparison.Ordinal),
            mistake => Assert.StartsWith("$.drives[0].limits.stagingReserve: unknown", mistake, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_mistake_is_listed_at_once_with_its_path()
    {
        var mistakes = new List<string>();
        ConfigFile.Parse("""
            {
              "drives": [
                { "mount": "/a", "bucket": "UPPER", "region": "cn-hangzhou", "readonly": true },
                { "bucket": "fine-bucket", "endpoint": "http://example.com", "region": "cn-hangzhou" },
                { "mount": "/c", "store": "s4", "bucket": "fine-bucket" },
                "text",
                { "mount": 5, "bucket": "fine-bucket", "region": "cn-hangzhou", "prefix": "/a//b" }
              ],
              "transfer": { "partSize": "8 parsecs", "parallelParts": 0, "parallelFiles": 1, "debounceSeconds": "1" },
              "limits": { "cacheSize": -1 },
              "extra": 1
            }
            """, "/", mistakes);

        string[] expected =
        [
            "$.drives[0].bucket", "$.drives[0].readonly", "$.drives[1].mount", "$.drives[1].endpoint", "$.drives[2].store", "$.drives[3]:",
            "$.drives[4].mount", "$.drives[4].prefix", "$.transfer.partSize", "$.transfer.parallelParts", "$.transfer.parallelFiles", "$.transfer.debounceSeconds",
            "$.limits.cacheSize", "$.extra",
        ];
        foreach (var path in expected) Assert.Contains(mistakes, mistake => mistake.StartsWith(path, StringComparison.Ordinal));
        Assert.Contains("unknown; expected one of", mistakes.Single(mistake => mistake.StartsWith("$.extra", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a", "/a", "$.drives[1].mount")]
    [InlineData("/a", "/a/b", "$.drives[1].mount")]
    [InlineData("/a", "/b", "$.drives[1].prefix")]
    public void Drives_must_not_meet(string first, string second, string path)
    {
        var mistakes = new List<string>();
        ConfigFile.Parse($$"""
            { "drives": [
                { "mount": "{{first}}", "bucket": "one-bucket", "region": "cn-hangzhou" },
                { "mount": "{{second}}", "bucket": "one-bucket", "region": "cn-hangzhou", "prefix": "below" } ] }
            """, "/", mistakes);
        Assert.StartsWith(path, Assert.Single(mistakes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{ "state": "a", "state": "b" }""")]
    public void What_is_not_one_clear_document_is_refused(string text)
    {
        var mistakes = new List<string>();
        ConfigFile.Parse(text, "/", mistakes);
        Assert.StartsWith("not JSON", Assert.Single(mistakes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "/state", "root")]
    [InlineData("/a", "/a/state", "would be inside the drive")]
    [InlineData("/state/mnt", "/state", "inside the state folder")]
    [InlineData("/etc/passwd", "/state", "is a file")]
    public void A_mount_point_that_cannot_work_is_refused(string mountPoint, string state, string reason)
    {
        var mistakes = new List<string>();
        DriveValidator.CheckMountPoint(mountPoint, state, "DIR", mistakes);
        Assert.Contains(reason, Assert.Single(mistakes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("100", 100)]
    [InlineData("8MiB", 8 << 20)]
    [InlineData("8m", 8 << 20)]
    [InlineData("1.5 kB", 1500)]
    [InlineData("2 GiB", 2L << 30)]
    public void Sizes_are_read(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, out var bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("MiB")]
    [InlineData("1e3")]
    [InlineData("8 parsecs")]
    [InlineData("9999999999 TiB")]
    public void What_is_no_size_is_refused(string text) => Assert.False(ByteSize.TryParse(text, out _));
}
