using System.Text.Json;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.DevStore;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>What put leaves open when the store fails, and how <c>uploads</c> deals with it, against the real development store.</summary>
public sealed class UploadsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();
    private DevStoreServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string[] Target =>
    [
        "--endpoint", _server.Endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou", "--bucket", "demo", "--state", _folder.At("state"),
    ];

    private string Checkpoints => _folder.At("state/checkpoints");

    public async ValueTask InitializeAsync()
    {
        _server = await DevStoreServer.StartAsync(
            new DevStoreOptions
            {
                RootDirectory = _folder.At("store"), CreateBuckets = ["demo"], Credentials = [new DevStoreCredential("id", "secret")], DurableWrites = false,
            },
            Stop);
        await File.WriteAllBytesAsync(_folder.At("file"), TestDrive.Bytes(3 << 20, 1), Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_upload_that_cannot_be_aborted_stays_known()
    {
        Fail("UploadPart", skip: 1);
        Assert.Equal(1, await PutAsync("p/a"));
        var id = Assert.Single(_server.OpenUploads("demo")).UploadId;

        Fail("AbortMultipartUpload");
        Assert.Equal(1, await _cli.RunAsync(["uploads", "abort", .. Target]));
        Assert.Contains("AccessDenied", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _cli.RunAsync(["uploads", "list", "--json", .. Target]));
        var listed = JsonDocument.Parse(_cli.Out).RootElement;
        Assert.Equal(
            (id, "Put", _folder.At("file")),
            (listed.GetProperty("uploadId").GetString(), listed.GetProperty("owner").GetString(), listed.GetProperty("file").GetString()));

        _server.Faults.Clear();
        Assert.Equal(0, await _cli.RunAsync(["uploads", "abort", .. Target]));
        Assert.Contains($"aborted {id} of p/a", _cli.Out, StringComparison.Ordinal);
        Assert.Empty(_server.OpenUploads("demo"));
        Assert.Empty(Directory.EnumerateFiles(Checkpoints));
    }

    [Fact]
    public async Task A_lost_reply_is_remembered_until_a_listing_shows_that_nothing_is_open()
    {
        _server.Faults.Add(new FaultRule { Kind = FaultKind.LoseReply, Operation = "InitiateMultipartUpload" });
        Assert.True(await PutAsync("p/a") == 0, _cli.Error);
        Assert.Contains("may still be open", _cli.Error, StringComparison.Ordinal);
        var id = Assert.Single(_server.OpenUploads("demo")).UploadId;

        // Another part of the bucket says nothing of it, and while such an upload is open the doubt stays.
        Assert.Equal(0, await _cli.RunAsync(["uploads", "list", "--prefix", "other", .. Target]));
        Assert.Equal("0 open uploads, 0 B\n", _cli.Out);
        Assert.Equal(0, await _cli.RunAsync(["uploads", "abort", .. Target]));
        Assert.Equal("nothing to abort\n", _cli.Out);
        Assert.Equal(0, await _cli.RunAsync(["uploads", "list", .. Target]));
        Assert.Contains("possibly ours", _cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("forgotten", _cli.Out, StringComparison.Ordinal);

        Assert.Equal(0, await _cli.RunAsync(["uploads", "abort", id, .. Target]));
        Assert.Contains($"p/a: the upload that a put of {_folder.At("file")} may have left open is not there; forgotten", _cli.Out, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Checkpoints));
        Assert.Equal(0, await PutAsync("p/a"));
        Assert.Empty(_cli.Error);
    }

    [Fact]
    public async Task A_listing_alone_settles_a_doubt_and_a_script_still_reads_one_upload_a_line()
    {
        _server.Faults.Add(new FaultRule { Kind = FaultKind.LoseReply, Operation = "InitiateMultipartUpload" });
        Assert.Equal(0, await PutAsync("a"));
        // Somebody else ends it, say the bucket's own rule.
        _server.Faults.Add(new FaultRule { Kind = FaultKind.VanishUpload, Operation = "ListParts" });
        Assert.Equal(0, await _cli.RunAsync(["uploads", "list", "--json", .. Target]));
        Assert.Empty(_cli.Out);
        Assert.Contains("a: the upload that a put of", _cli.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Checkpoints));
        Assert.Equal(0, await _cli.RunAsync(["uploads", "list", .. Target]));
        Assert.Equal("0 open uploads, 0 B\n", _cli.Out);
    }

    [Fact]
    public async Task The_id_of_an_upload_that_put_leaves_behind_is_shown()
    {
        Fail("UploadPart");
        Fail("AbortMultipartUpload");
        Assert.Equal(1, await PutAsync("a", "--no-checkpoint"));
        var id = Assert.Single(_server.OpenUploads("demo")).UploadId;
        Assert.Contains($"syncagent: the upload {id} of a could not be aborted and stays open: ", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_whose_outcome_is_lost_is_not_passed_over()
    {
        string[] callback = ["--callback-url", "http://127.0.0.1:9/hook", "--callback-body", "key=${object}"];
        Assert.Equal(1, await PutAsync("a", [.. callback, "--multipart-threshold", "16MiB"]));
        Assert.Contains("the file is stored, but the callback failed: ", _cli.Error, StringComparison.Ordinal);

        _server.Faults.Add(new FaultRule { Kind = FaultKind.LoseReply, Operation = "PutObject" });
        Assert.Equal(1, await PutAsync("b", [.. callback, "--multipart-threshold", "16MiB", "--json"]));
        Assert.Contains("the file is stored, but whether the callback was answered is not known", _cli.Error, StringComparison.Ordinal);
        var result = JsonDocument.Parse(_cli.Out).RootElement;
        Assert.Equal(JsonValueKind.Null, result.GetProperty("callbackNotified").ValueKind);
        Assert.Contains("is not known", result.GetProperty("callbackMessage").GetString(), StringComparison.Ordinal);
        Assert.True(result.GetProperty("confirmed").GetBoolean());
        Assert.Equal(["a", "b"], _server.ListKeys("demo"));
    }

    private Task<int> PutAsync(string key, params string[] more) =>
        _cli.RunAsync(["put", _folder.At("file"), key, "--part-size", "1MiB", "--parallel-parts", "1", .. Threshold(more), .. more, .. Target]);

    private static string[] Threshold(string[] given) => given.Contains("--multipart-threshold") ? [] : ["--multipart-threshold", "1MiB"];

    private void Fail(string operation, int skip = 0) => _server.Faults.Add(
        new FaultRule { Kind = FaultKind.Error, Operation = operation, Skip = skip, Times = null, Status = 403, Code = "AccessDenied" });
}
