using System.Text.Json.Nodes;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Repair;
using SyncAgent.Agent.Repair.Checks;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.DevStore;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>A state folder with one drive on a real development store, and everything that can go wrong with it. No agent runs.</summary>
public sealed class DoctorTests : IAsyncLifetime
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();
    private DevStoreServer _server = null!;
    private DriveRow _row = null!;

    private string State => _folder.At("state");

    public async ValueTask InitializeAsync()
    {
        _server = await DevStoreServer.StartAsync(
            new DevStoreOptions
            {
                RootDirectory = _folder.At("store"), CreateBuckets = ["demo"], Credentials = [new DevStoreCredential("id", "secret")], DurableWrites = false,
            },
            TestContext.Current.CancellationToken);
        _cli.Environment["XDG_RUNTIME_DIR"] = Directory.CreateDirectory(_folder.At("run")).FullName;
        PrivateFolder.Create(State);
        using var journal = JournalStore.Open(State);
        _row = DriveRows.Bind(
            journal, journal.OpenReader(),
            new DriveSettings(_folder.At("drive"), new TargetSettings("oss", Endpoint, "cn-hangzhou", "demo", "p/", OssAddressing.Auto, false), false), DateTimeOffset.UnixEpoch);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private string Endpoint => _server.Endpoint.GetLeftPart(UriPartial.Authority);

    [Fact]
    public async Task A_sound_machine_has_no_findings_and_nothing_is_written_to_the_store()
    {
        Assert.Equal(0, await _cli.RunAsync("doctor", "--state", State));
        Assert.Contains("nothing is wrong", _cli.Out, StringComparison.Ordinal);
        foreach (var name in (string[])["store", "journal", "staged content", "FUSE", "uploads left open"]) Assert.Contains($"  ok       {name}\n", _cli.Out, StringComparison.Ordinal);
        Assert.Empty(_server.ListKeys("demo"));
        Assert.Empty(_server.OpenUploads("demo"));
    }

    [Fact]
    public async Task What_is_open_to_others_is_found_and_closed()
    {
        var log = Path.Combine(State, "agent.log");
        await File.WriteAllTextAsync(log, "", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(log, Private | UnixFileMode.OtherRead);
        File.SetUnixFileMode(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
        File.CreateSymbolicLink(Path.Combine(State, "link"), "/etc/passwd");

        var findings = await FindAsync("permissions of the state folder");
        Assert.Contains(findings, finding => finding.Text.StartsWith("2 files and folders", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Text.Contains("symbolic link", StringComparison.Ordinal));

        findings = await FindAsync("permissions of the state folder", "--fix");
        Assert.Equal("closed 2 files and folders to other users", findings[0].Done);
        Assert.Equal(Private, File.GetUnixFileMode(log));
        File.Delete(Path.Combine(State, "link"));
        Assert.Empty(await FindAsync("permissions of the state folder"));
    }

    [Fact]
    public async Task Files_with_keys_that_others_can_read_are_found_and_closed()
    {
        var keys = Write("keys.ini", "[Credentials]\naccessKeyID=id\naccessKeySecret=secret\n");
        var config = Write("config.json", $$"""
            { "state": "{{State}}", "drives": [ { "mount": "{{_row.MountPoint}}", "endpoint": "{{Endpoint}}", "region": "cn-hangzhou", "bucket": "demo",
              "credentials": "file:{{keys}}", "proxy": "http://me:hidden@127.0.0.1:1" } ] }
            """);

        var found = await FindAsync("files with secrets", "--config", config);
        Assert.Equal(2, found.Count);
        Assert.All(found, finding => Assert.StartsWith("chmod 600 ", finding.Remedy, StringComparison.Ordinal));

        await FindAsync("files with secrets", "--config", config, "--fix");
        Assert.Equal((Private, Private), (File.GetUnixFileMode(keys), File.GetUnixFileMode(config)));
        Assert.Empty(await FindAsync("files with secrets", "--config", config));
    }

    [Fact]
    public async Task Staging_files_that_nobody_knows_are_moved_to_lost_and_found()
    {
        await File.WriteAllBytesAsync(Path.Combine(State, "staging", StagingFolder.NewName()), [1, 2, 3], TestContext.Current.CancellationToken);
        Assert.Contains("1 staging files (3 B)", Assert.Single(await FindAsync("orphan staging files")).Text, StringComparison.Ordinal);

        using (AgentLock.TryTake(State)) Assert.Contains("agent", await SkippedAsync("orphan staging files"), StringComparison.Ordinal);

        Assert.Contains("moved 1", Assert.Single(await FindAsync("orphan staging files", "--fix")).Done, StringComparison.Ordinal);
        Assert.Empty(await FindAsync("orphan staging files"));
        var lost = Assert.Single(await FindAsync("lost and found"));
        Assert.Equal("Note", lost.Level);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Assert.Single(new LostAndFound(State, TimeProvider.System).List()).File, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_damaged_a_newer_and_an_incomplete_journal_are_told_apart()
    {
        using (var drive = new TestDrive(TimeProvider.System, folder: Directory.CreateDirectory(_folder.At("other")).FullName) { IsDurable = false })
        {
            for (var i = 0; i < 300; i++) drive.MakeFile($"a file with a long name {i}", [1]);
            Directory.EnumerateFiles(drive.Journal.Files.Path).Take(2).ToList().ForEach(File.Delete);
        }

        var missing = Assert.Single(await FindInAsync("staged content", _folder.At("other")));
        Assert.Contains("the local bytes of 2 contents are gone", missing.Text, StringComparison.Ordinal);
        Assert.Empty(await FindInAsync("journal", _folder.At("other")));

        var file = Path.Combine(_folder.At("other"), "journal.db");
        using (var stream = new FileStream(file, FileMode.Open))
        {
            stream.Position = stream.Length / 2;
            stream.Write(new byte[8192]);
        }

        Assert.Contains("damaged", Assert.Single(await FindInAsync("journal", _folder.At("other"))).Text, StringComparison.Ordinal);

        using (var stream = new FileStream(Path.Combine(State, "journal.db"), FileMode.Open))
        {
            const int UserVersion = 60; // https://sqlite.org/fileformat.html, "The database header"
            stream.Position = UserVersion;
            stream.Write([0, 0, 0, 99]);
        }

        Assert.Contains("newer SyncAgent", Assert.Single(await FindAsync("journal")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mount_that_is_gone_is_forgotten()
    {
        var registry = new MountRegistry(StateFolder.Runtime(name => _cli.Environment.GetValueOrDefault(name)));
        registry.Add(_folder.At("drive"), State);
        Assert.Contains("is registered and not mounted", Assert.Single(await FindAsync("registry of mounts")).Text, StringComparison.Ordinal);
        using (AgentLock.TryTake(State)) Assert.Empty(await FindAsync("registry of mounts"));

        Assert.NotNull(Assert.Single(await FindAsync("registry of mounts", "--fix")).Done);
        Assert.Null(registry.Find(_folder.At("drive")));
    }

    [Fact]
    public async Task Work_that_nobody_does_is_named()
    {
        using (var journal = JournalStore.Open(State))
        {
            journal.Commit(writer => writer.Doom(_row.Id, new RemoteState("p/k", "e", null, null, 1, 0, null, 0, Proof.Listed), 0));
        }

        Assert.Contains("1 object to delete", Assert.Single(await FindAsync("agent")).Text, StringComparison.Ordinal);
        using (AgentLock.TryTake(State)) Assert.Contains("does not answer", Assert.Single(await FindAsync("agent")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_refuses_or_is_not_there_is_explained_step_by_step()
    {
        _cli.Environment["OSS_ACCESS_KEY_SECRET"] = "wrong";
        Assert.Contains("Check the access key id", Assert.Single(await FindAsync("store")).Remedy, StringComparison.Ordinal);
        _cli.Environment.Remove("OSS_ACCESS_KEY_SECRET");
        Assert.Equal("Note", Assert.Single(await FindAsync("store")).Level);
        _cli.Environment["OSS_ACCESS_KEY_SECRET"] = "secret";

        foreach (var (operation, what) in ((string, string)[])[("UploadPart", "write objects"), ("HeadObject", "read objects"), ("ListObjectsV2", "list objects")])
        {
            _server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Operation = operation, Status = 403, Code = "AccessDenied" });
            var refused = Assert.Single(await FindAsync("store"));
            Assert.Contains($"these keys may not {what}", refused.Text, StringComparison.Ordinal);
            Assert.Contains("Least permissions", refused.Remedy, StringComparison.Ordinal);
            _server.Faults.Clear();
        }

        await _server.DisposeAsync();
        Assert.Contains("ConnectionError", Assert.Single(await FindAsync("store")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_clock_is_measured_against_the_store()
    {
        var time = new ManualTimeProvider();
        var reached = await EndpointProbe.ReachAsync(_server.Endpoint, new ConnectionOptions(), time, TestContext.Current.CancellationToken);
        Assert.InRange((reached.ServerTime!.Value - TimeProvider.System.GetUtcNow()).TotalSeconds, -5, 5);
        Assert.NotInRange((reached.ServerTime.Value - time.GetUtcNow()).Duration(), TimeSpan.Zero, TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task An_upload_of_a_put_whose_file_is_gone_is_aborted_and_others_are_left_alone()
    {
        var file = Write("source", "");
        await File.WriteAllBytesAsync(file, TestDrive.Bytes(3 << 20, 1), TestContext.Current.CancellationToken);
        _server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Operation = "CompleteMultipartUpload", Status = 400, Code = "InvalidArgument" });
        Assert.NotEqual(0, await _cli.RunAsync(
            "put", file, "k", "--state", State, "--endpoint", Endpoint, "--region", "cn-hangzhou", "--bucket", "demo", "--prefix", "p",
            "--part-size", "1MiB", "--multipart-threshold", "1MiB"));
        _server.Faults.Clear();
        var open = _server.OpenUploads("demo").Count;
        if (open == 0) Assert.Skip("the put has aborted its upload itself");
        Assert.Empty(await FindAsync("uploads left open"));

        File.Delete(file);
        Assert.Contains("is gone", Assert.Single(await FindAsync("uploads left open")).Text, StringComparison.Ordinal);
        Assert.StartsWith("aborted ", Assert.Single(await FindAsync("uploads left open", "--fix")).Done, StringComparison.Ordinal);
        Assert.Empty(_server.OpenUploads("demo"));
    }

    [Theory]
    [InlineData("Max open files            1024                 1024                 files", true)]
    [InlineData("Max open files            1024                 1048576              files", false)]
    [InlineData("Max open files            unlimited            unlimited            files", false)]
    public void A_low_limit_of_descriptors_is_found(string line, bool isLow) => Assert.Equal(isLow, DescriptorsCheck.Judge(["Limit  Soft Limit", line]) is not null);

    [Fact]
    public async Task A_machine_without_fuse_is_told_what_to_load()
    {
        using var patient = await DoctorCase.OpenAsync(State, _cli.Context, read => read(), null, TestContext.Current.CancellationToken);
        var finding = Assert.Single((await new FuseCheck(device: _folder.At("none")).LookAsync(patient, CancellationToken.None)).Findings);
        Assert.Contains("modprobe fuse", finding.Remedy, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<FindingReport>> FindAsync(string check, params string[] more) => FindInAsync(check, State, more);

    private async Task<IReadOnlyList<FindingReport>> FindInAsync(string check, string state, params string[] more) =>
        [.. (await ReportAsync(check, state, more))["findings"]!.AsArray().Select(FindingReport.Of)];

    private async Task<string> SkippedAsync(string check) => (string)(await ReportAsync(check, State, []))["skipped"]!;

    private async Task<JsonNode> ReportAsync(string check, string state, string[] more)
    {
        var code = await _cli.RunAsync(["doctor", "--json", "--state", state, .. more]);
        Assert.True(code is 0 or 1, _cli.Error);
        return JsonNode.Parse(_cli.Out)!["checks"]!.AsArray().Single(report => (string)report!["name"]! == check)!;
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.At(name), text);
        File.SetUnixFileMode(_folder.At(name), Private | UnixFileMode.OtherRead);
        return _folder.At(name);
    }

    private sealed record FindingReport(string Level, string Text, string Remedy, string? Done)
    {
        public static FindingReport Of(JsonNode? node) => new((string)node!["level"]!, (string)node["text"]!, (string)node["remedy"]!, (string?)node["done"]);
    }
}
