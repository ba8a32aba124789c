using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.DevStore;

namespace SyncAgent.Agent.Tests;

/// <summary>A new drive by the API: tried against a real store, written down, mounted.</summary>
public sealed class SetupTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private StatusRig _rig = null!;
    private DevStoreServer _store = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _rig = await StatusRig.StartAsync();
        _store = await DevStoreServer.StartAsync(
            new DevStoreOptions { RootDirectory = _folder.At("store"), CreateBuckets = ["demo"], Credentials = [new DevStoreCredential("id", "secret")], DurableWrites = false },
            Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _rig.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_bucket_that_does_passes_every_step_and_nothing_stays_in_it()
    {
        var (status, report) = await AskAsync("test", Body());
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(report.GetProperty("ok").GetBoolean(), report.GetRawText());
        Assert.Contains("write", Steps(report));
        Assert.Contains("delete", Steps(report));
        Assert.False(File.Exists(_rig.Config));
        var (again, empty) = await AskAsync("test", Body());
        Assert.Equal((HttpStatusCode.OK, true), (again, empty.GetProperty("ok").GetBoolean()));
    }

    [Theory]
    [InlineData("bucket", "nothere", "bucket")]
    [InlineData("secret", "wrong", "keys")]
    [InlineData("endpoint", "http://127.0.0.1:1", "connection")]
    public async Task What_does_not_do_is_named_with_a_remedy(string field, string value, string step)
    {
        var (status, report) = await AskAsync("test", Body(field, value));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(report.GetProperty("ok").GetBoolean());
        var last = report.GetProperty("checks").EnumerateArray().Last();
        Assert.Equal((step, false), (last.GetProperty("name").GetString(), last.GetProperty("ok").GetBoolean()));
        Assert.NotEqual("", last.GetProperty("remedy").GetString());
        Assert.DoesNotContain("secret\"", report.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test", "bucket", "", "bucket")]
    [InlineData("test", "id", "", "accessKeyId")]
    [InlineData("test", "endpoint", "http://store.example", "endpoint")] // http to another machine
    [InlineData("drives", "mountPoint", "", "mountPoint")]
    [InlineData("drives", "mountPoint", "relative", "mountPoint")]
    public async Task A_mistake_names_its_field(string route, string field, string value, string named)
    {
        var (status, answer) = await AskAsync(route, Body(field, value));
        Assert.Equal((HttpStatusCode.BadRequest, named), (status, answer.GetProperty("field").GetString()));
        Assert.False(File.Exists(_rig.Config));
    }

    [Fact]
    public async Task A_drive_is_written_down_with_its_keys_apart_and_mounted()
    {
        var (status, answer) = await AskAsync("drives", Body());

        Assert.Equal((HttpStatusCode.OK, "/mnt/new"), (status, answer.GetProperty("mountPoint").GetString()));
        Assert.Contains(_rig.Agent.Host.Drives, drive => drive.Row is { MountPoint: "/mnt/new", Bucket: "demo", Prefix: "here/" });
        Assert.DoesNotContain("secret", await File.ReadAllTextAsync(_rig.Config, Stop), StringComparison.Ordinal);
        var keys = Path.Combine(Path.GetDirectoryName(_rig.Config)!, "credentials");
        Assert.Contains("secret", await File.ReadAllTextAsync(keys, Stop), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(keys));
        var order = _rig.Agent.Opener.Orders[^1];
        Assert.Equal(Configuration.CredentialsSource.File, order.Settings.Target.Credentials.Source);
        Assert.Equal("/mnt/new", Assert.Single(Configuration.ConfigFile.Read(_rig.Config).Drives).MountPoint);
    }

    [Fact]
    public async Task A_drive_that_cannot_be_mounted_is_not_written_down()
    {
        _rig.Agent.Opener.Failure = new IOException("no /dev/fuse");
        Assert.Equal(HttpStatusCode.InternalServerError, (await AskAsync("drives", Body())).Status);
        Assert.False(File.Exists(_rig.Config));

        _rig.Agent.Opener.Failure = null;
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("drives", Body())).Status);
        var written = await File.ReadAllTextAsync(_rig.Config, Stop);
        _rig.Agent.Opener.Failure = new IOException("no /dev/fuse");
        Assert.Equal(HttpStatusCode.InternalServerError, (await AskAsync("drives", Body("prefix", "there/", "/mnt/other"))).Status);
        Assert.Equal(written, await File.ReadAllTextAsync(_rig.Config, Stop));
    }

    [Fact]
    public async Task A_drive_whose_bucket_does_not_do_is_not_written_down()
    {
        var (status, answer) = await AskAsync("drives", Body("secret", "wrong"));
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("Check the access key", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(File.Exists(_rig.Config));
        Assert.Single(_rig.Agent.Host.Drives);
    }

    private static List<string?> Steps(JsonElement report) => [.. report.GetProperty("checks").EnumerateArray().Select(step => step.GetProperty("name").GetString())];

    private Dictionary<string, object?> Body(string? field = null, string? value = null, string mountPoint = "/mnt/new")
    {
        string Of(string name, string usual) => name == field ? value! : usual;
        return new Dictionary<string, object?>
        {
            ["store"] = "oss",
            ["endpoint"] = Of("endpoint", _store.Endpoint.GetLeftPart(UriPartial.Authority)),
            ["region"] = "cn-hangzhou",
            ["bucket"] = Of("bucket", "demo"),
            ["prefix"] = Of("prefix", "here/"),
            ["credentials"] = new Dictionary<string, string> { ["accessKeyId"] = Of("id", "id"), ["accessKeySecret"] = Of("secret", "secret") },
            ["mountPoint"] = Of("mountPoint", mountPoint),
        };
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> AskAsync(string route, Dictionary<string, object?> body)
    {
        using var answer = await _rig.Http.PostAsJsonAsync($"v1/setup/{route}", body, Stop);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).Clone());
    }
}
