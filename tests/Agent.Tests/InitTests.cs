using System.Text.Json.Nodes;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Setup;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.DevStore;
using SyncAgent.Store;

namespace SyncAgent.Agent.Tests;

/// <summary>A drive is set up by options: its bucket is tried on a real development store before anything is written.</summary>
public sealed class InitTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();
    private DevStoreServer _server = null!;

    private string Config => _folder.At("etc/config.json");

    private string[] Line => ["init", _folder.At("drive"), "--endpoint", _server.Endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou", "--config", Config, "--no-mount"];

    public async ValueTask InitializeAsync()
    {
        _server = await DevStoreServer.StartAsync(
            new DevStoreOptions
            {
                RootDirectory = _folder.At("store"), CreateBuckets = ["demo"], Credentials = [new DevStoreCredential("id", "secret")], DurableWrites = false,
            },
            TestContext.Current.CancellationToken);
        _cli.Environment["HOME"] = _folder.Path;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_bucket_that_works_is_written_down_with_its_keys()
    {
        Assert.Equal(0, await _cli.RunAsync([.. Line, "--bucket", "demo", "--prefix", "p", "--json"]));
        var report = JsonNode.Parse(_cli.Out)!;
        Assert.True((bool)report["ok"]!);
        Assert.Equal(
            ["connection", "clock", "keys", "bucket", "list", "read", "write", "list", "list", "delete"], report["checks"]!.AsArray().Select(check => (string)check!["name"]!));
        Assert.Empty(_server.ListKeys("demo"));
        Assert.Empty(_server.OpenUploads("demo"));
        var drive = Assert.Single(ConfigFile.Read(Config).Drives);
        Assert.Equal((_folder.At("drive"), "p/"), (drive.MountPoint, drive.Target.Prefix));
        Assert.Equal("secret", (await new ProfileCredentials(drive.Target.Credentials.Path!, "demo").GetAsync(TestContext.Current.CancellationToken)).AccessKeySecret);

        Assert.Equal(0, await _cli.RunAsync([.. Line, "--bucket", "demo", "--prefix", "p"]));
        Assert.Contains("has this drive already", _cli.Out, StringComparison.Ordinal);
        Assert.Single(ConfigFile.Read(Config).Drives);
    }

    [Fact]
    public async Task What_does_not_work_is_told_with_what_to_do_and_nothing_is_written()
    {
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync([.. Line, "--bucket", "other"]));
        Assert.Contains("  ok  the store knows the keys", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("nothing was written", _cli.Error, StringComparison.Ordinal);

        _server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Operation = "DeleteObject", Status = 403, Code = "AccessDenied" });
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync([.. Line, "--bucket", "demo"]));
        Assert.Contains("  no  these keys may not delete objects", _cli.Out, StringComparison.Ordinal);
        Assert.Contains(".syncagent/trial-", _cli.Out, StringComparison.Ordinal);
        _server.Faults.Clear();

        _cli.Environment["OSS_ACCESS_KEY_SECRET"] = "wrong";
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync([.. Line, "--bucket", "demo"]));
        Assert.Contains("Check the access key id", _cli.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.GetDirectoryName(Config)));

        Assert.Equal(0, await _cli.RunAsync([.. Line, "--bucket", "demo", "--no-test"]));
        Assert.Single(ConfigFile.Read(Config).Drives);
    }

    [Fact]
    public async Task Without_a_terminal_it_says_what_is_missing()
    {
        Assert.Equal(ExitCodes.Usage, await _cli.RunAsync("init", "--config", Config));
        Assert.Contains("--demo", _cli.Error, StringComparison.Ordinal);
        _cli.Environment.Remove("OSS_ACCESS_KEY_ID");
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync([.. Line, "--bucket", "demo"]));
        Assert.Contains("OSS_ACCESS_KEY_ID", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_named()
    {
        await _server.DisposeAsync();
        var report = await StoreTrial.RunAsync(
            new TargetSettings("oss", _server.Endpoint.GetLeftPart(UriPartial.Authority), "cn-hangzhou", "demo", "", OssAddressing.Auto, false),
            TestAgent.Keys, TimeProvider.System, TestContext.Current.CancellationToken);
        var step = Assert.Single(report.Checks);
        Assert.Equal(("connection", false, false), (step.Name, step.Ok, report.Ok));
        Assert.NotNull(step.Remedy);
    }

    [Fact]
    public void A_request_names_its_mistakes()
    {
        var mistakes = new List<string>();
        Assert.Null(new SetupRequest { Store = "s4" }.ToTarget(mistakes));
        foreach (var field in (string[])["store", "bucket", "endpoint", "accessKeyId", "accessKeySecret"]) Assert.Contains(mistakes, mistake => mistake.StartsWith($"{field}: ", StringComparison.Ordinal));
    }
}
