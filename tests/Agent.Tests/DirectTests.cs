using System.Text.Json;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.DevStore;
using SyncAgent.Store;
using SyncAgent.TestKit;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Tests;

/// <summary>put, get and ls against the real development store.</summary>
public sealed class DirectTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();
    private DevStoreServer _server = null!;

    private string[] Target => ["--endpoint", _server.Endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou", "--bucket", "demo"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await DevStoreServer.StartAsync(
        new DevStoreOptions
        {
            RootDirectory = _folder.At("store"), CreateBuckets = ["demo"], Credentials = [new DevStoreCredential("id", "secret")], DurableWrites = false,
        },
        Stop);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData((20 << 20) + 1)]
    public async Task What_was_put_is_listed_and_comes_back(int size)
    {
        var file = Write("source", size);
        Assert.Equal(0, await _cli.RunAsync(["put", file, "a/b", "--prefix", "p", "--json", .. Target]));
        var put = JsonDocument.Parse(_cli.Out).RootElement;
        Assert.Equal(size, put.GetProperty("size").GetInt64());
        Assert.True(put.GetProperty("confirmed").GetBoolean());

        Assert.Equal(0, await _cli.RunAsync(["ls", "a/", "--prefix", "p", "--json", .. Target]));
        Assert.Equal("a/b", JsonDocument.Parse(_cli.Out).RootElement.GetProperty("key").GetString());
        Assert.Equal(["p/a/b"], _server.ListKeys("demo"));

        Assert.Equal(0, await _cli.RunAsync(["get", "p/a/b", _folder.At("back"), .. Target]));
        Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(_folder.At("back"))));
        Assert.Empty(_server.OpenUploads("demo"));
    }

    [Theory]
    [InlineData(true, 10, "f -> b/k: 10 B, checksum confirmed")]
    [InlineData(false, 10, "f -> b/k: 10 B, the store checked the MD5 of each request")]
    [InlineData(true, 4, "f -> b/k: 10 B, checksum confirmed, 6 B of it were there already")]
    public void Only_what_the_store_stated_is_called_confirmed(bool confirmed, long sent, string expected) =>
        Assert.Equal(expected, PutCommand.Describe("f", "b/k", new FileReceipt("k", 10, "etag", 1, confirmed, null, sent, null, PossiblyOpen: false)));

    [Theory]
    [InlineData(1UL, null, "checksum confirmed")]
    [InlineData(null, "0cc175b9c0f1b6a831c399e269772661", "checksum confirmed")]
    [InlineData(null, null, "the store states no checksum to compare with")]
    public void Only_what_was_compared_is_called_confirmed(ulong? crc, string? md5, string expected)
    {
        var info = new ObjectInfo("k", 1, "etag", DateTimeOffset.UnixEpoch, crc, null, null, null, new Dictionary<string, string>()) { Md5 = md5 };
        Assert.Equal($"b/k -> f: 1 B, {expected}", GetCommand.Describe("b/k", "f", info));
    }

    [Fact]
    public async Task A_broken_download_goes_on_where_it_broke()
    {
        var file = Write("source", 3 << 20);
        Assert.Equal(0, await _cli.RunAsync(["put", file, "k", .. Target]));
        _server.Faults.Add(new FaultRule { Kind = FaultKind.ResetMidBody, Operation = "GetObject", AfterBytes = 1 << 20 });

        Assert.Equal(0, await _cli.RunAsync(["get", "k", _folder.At("back"), .. Target]));

        Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(_folder.At("back"))));
        Assert.Equal(2, _server.Log.TotalsOf("GetObject").Count);
    }

    [Fact]
    public async Task A_missing_object_leaves_no_file()
    {
        Assert.Equal(1, await _cli.RunAsync(["get", "nothing", _folder.At("back"), .. Target]));
        Assert.Equal([_folder.At("store")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_refused_key_says_what_to_do()
    {
        _cli.Environment["OSS_ACCESS_KEY_SECRET"] = "wrong";
        Assert.Equal(1, await _cli.RunAsync(["ls", .. Target]));
        Assert.Contains("Check the access key id", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_can_stay_in_the_desktops_keyring()
    {
        // In the place of libsecret's tool: what "secret-tool store" was given is what "lookup" prints.
        var tool = Path.Combine(Directory.CreateDirectory(_folder.At("bin")).FullName, "secret-tool");
        await File.WriteAllTextAsync(
            tool,
            """
            #!/bin/sh
            [ "$*" = "lookup service syncagent account demo" ] && printf '{"AccessKeyId":"id","AccessKeySecret":"secret"}'
            """, Stop);
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var environment = new Dictionary<string, string> { ["PATH"] = $"{_folder.At("bin")}:/usr/bin:/bin" };

        var (code, _, error) = await AgentProgram.RunAsync(environment, ["ls", "--credentials", "process:secret-tool lookup service syncagent account demo", .. Target]);
        Assert.True(code == 0, error);
        (code, _, error) = await AgentProgram.RunAsync(environment, ["ls", "--credentials", "process:secret-tool lookup service syncagent account none", .. Target]);
        Assert.Equal(1, code);
        Assert.DoesNotContain("secret\"", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_on_the_command_line_is_refused()
    {
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync(["ls", "--proxy", "http://me:hidden@127.0.0.1:9", .. Target]));
        Assert.Contains("every user of this machine", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", _cli.Error, StringComparison.Ordinal);
    }

    private string Write(string name, int size)
    {
        File.WriteAllBytes(_folder.At(name), TestDrive.Bytes(size, 1));
        return _folder.At(name);
    }
}
