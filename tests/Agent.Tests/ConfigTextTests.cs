using System.Text.Json.Nodes;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Setup;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Store;

namespace SyncAgent.Agent.Tests;

/// <summary>A configuration file as a text: where mistakes stand, and how a drive is added to it.</summary>
public sealed class ConfigTextTests : IDisposable
{
    private const string Drive = """{ "mount": "/mnt/b", "store": "oss", "region": "cn-hangzhou", "bucket": "two-bucket" }""";

    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();

    private string Config => _folder.At("etc/config.json");

    [Theory]
    [InlineData("{}", 1)]
    [InlineData("{\n}\n", 1)]
    [InlineData("""{ "drives": [] }""", 1)]
    [InlineData("""{ "state": "/s" }""", 1)]
    [InlineData("""{ "state": "/s", }""", 1)]
    [InlineData("""{ "drives": [ { "mount": "/mnt/a", "region": "cn-hangzhou", "bucket": "one-bucket", "objects": [ { "match": "*" } ] } ], "transfer": {} }""", 2)]
    [InlineData("""{ "drives": [ { "mount": "/mnt/a", "region": "cn-hangzhou", "bucket": "one-bucket" }, /* more */ ] }""", 2)]
    [InlineData("// mine\n{ \"transfer\": { \"partSize\": 1048576 }, // large\n  \"drives\": [\n  ] // none\n}", 1)]
    public void A_drive_is_added_and_everything_else_stays(string before, int drives)
    {
        var after = ConfigText.AddDrive(before, Drive);
        var mistakes = new List<string>();
        var config = ConfigFile.Parse(after, "/", mistakes);
        Assert.Empty(mistakes);
        Assert.Equal(drives, config.Drives.Count);
        Assert.Equal("two-bucket", config.Drives[^1].Target.Bucket);
        // Only added to: without what is new it is what it was.
        var (begin, end) = (before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count(), before.Reverse().Zip(after.Reverse()).TakeWhile(pair => pair.First == pair.Second).Count());
        Assert.True(begin + end >= before.Length, after);
    }

    [Theory]
    [InlineData("{\n \"drives\": [\n  {\n   \"mount\": \"/x\",\n   \"bucket\": 1\n  }\n ]\n}", "$.drives[0].bucket: expected a string.", 5)]
    [InlineData("{\n \"drives\": [\n  {\n   \"mount\": \"/x\"\n  }\n ]\n}", "$.drives[0].bucket: not set.", 3)]
    [InlineData("{\n \"a\": 1,\n \"b\": [ { },\n  { \"c\": [ 1,\n 2 ] } ]\n}", "$.b[1].c[1]: no.", 5)]
    [InlineData("{\n \"callback\": { \"x:who\":\n 1 } }", "$.callback.x:who: expected a string.", 2)]
    [InlineData("{\n \"a\": 1,\n nonsense\n}", "not JSON: whatever", 3)]
    [InlineData("{ }", "something else", 1)]
    public void A_mistake_is_told_with_its_line(string text, string mistake, int line) =>
        Assert.Equal($"/f:{line}: {mistake}", ConfigLines.Place("/f", text, mistake));

    [Theory]
    [InlineData("regoin", "region")]
    [InlineData("Bukcet", "bucket")]
    [InlineData("readonly", "readOnly")]
    [InlineData("prefixes", "prefix")]
    [InlineData("nothing-like-it", null)]
    public void A_slip_of_a_known_name_is_told_as_one(string typed, string? meant)
    {
        var mistakes = new List<string>();
        ConfigFile.Parse($$"""{ "drives": [ { "{{typed}}": "x" } ] }""", "/", mistakes);
        Assert.Contains(mistakes, mistake => mistake.StartsWith(
            $"$.drives[0].{typed}: unknown; {(meant is null ? "expected one of " : $"did you mean \"{meant}\"?")}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Setting_up_a_drive_keeps_its_keys_in_a_private_file_and_the_file_as_it_was()
    {
        var keys = new StoreCredentials("key-id", "key-secret", "token");
        var config = DriveSetup.Add(Plan("/mnt/a", "one-bucket") with { Keys = keys, Profile = "one", State = "/var/lib/x" });
        Assert.Equal(("/var/lib/x", "/mnt/a"), (config.State, Assert.Single(config.Drives).MountPoint));
        await File.WriteAllTextAsync(Config, "// kept\n" + await File.ReadAllTextAsync(Config, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        DriveSetup.Add(Plan("/mnt/b", "two-bucket") with { Keys = keys with { AccessKeyId = "other" }, Profile = "two" });
        DriveSetup.Add(Plan("/mnt/c", "three-bucket") with { Keys = keys with { AccessKeyId = "newer", SecurityToken = null }, Profile = "one" });
        var read = ConfigFile.Read(Config);
        Assert.Equal(["/mnt/a", "/mnt/b", "/mnt/c"], read.Drives.Select(drive => drive.MountPoint));
        var text = await File.ReadAllTextAsync(Config, TestContext.Current.CancellationToken);
        Assert.StartsWith("// kept\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("key-secret", text, StringComparison.Ordinal);
        var file = DriveSetup.CredentialsOf(Config);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal("newer", (await new ProfileCredentials(file, "one").GetAsync(TestContext.Current.CancellationToken)).AccessKeyId);
        Assert.Equal("other", (await new ProfileCredentials(file, "two").GetAsync(TestContext.Current.CancellationToken)).AccessKeyId);
        Assert.Equal((file, "two"), (read.Drives[1].Target.Credentials.Path, read.Drives[1].Target.Credentials.Profile));
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_nothing_is_written()
    {
        DriveSetup.Add(Plan("/mnt/a", "one-bucket"));
        var before = File.ReadAllText(Config);
        foreach (var (mount, bucket) in ((string, string)[])[("/mnt/a/b", "two-bucket"), ("/mnt/b", "one-bucket")])
        {
            var refused = Assert.Throws<CommandException>(() => DriveSetup.Add(Plan(mount, bucket) with { Keys = new StoreCredentials("a", "b") }));
            Assert.Equal(ExitCodes.Configuration, refused.ExitCode);
        }

        Assert.Throws<CommandException>(() => DriveSetup.Add(Plan("/mnt/c", "three-bucket") with { Keys = new StoreCredentials("a\n[b]", "c") }));
        Assert.Equal(before, File.ReadAllText(Config));
        Assert.False(File.Exists(DriveSetup.CredentialsOf(Config)));
    }

    [Fact]
    public async Task Config_check_names_the_line_and_show_hides_what_is_secret()
    {
        await WriteAsync("""
            {
              "drives": [
                { "mount": "/mnt/a", "region": "cn-hangzhou", "bucket": "one-bucket",
                  "proxy": "http://me:hidden@proxy:3128", "credentials": "process:get --password hidden" },
                { "mount": "/mnt/b", "region": "cn-hangzhou", "bucket": "two-bucket",
                  "credentials": { "source": "process", "command": "get hidden" } }
              ]
            }
            """);
        Assert.Equal(0, await _cli.RunAsync("config", "check", "--config", Config));
        Assert.Contains("no mistake; 2 drives", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(0, await _cli.RunAsync("config", "show", "--config", Config));
        Assert.DoesNotContain("hidden", _cli.Out, StringComparison.Ordinal);
        Assert.Equal("/mnt/b", (string)JsonNode.Parse(_cli.Out)!["drives"]![1]!["mount"]!);

        await WriteAsync("{\n  \"drives\": [ { \"mount\": \"/mnt/a\",\n    \"buket\": \"one\" } ]\n}");
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync("config", "check", "--config", Config));
        Assert.Contains($"{Config}:3: $.drives[0].buket: unknown; did you mean \"bucket\"?", _cli.Error, StringComparison.Ordinal);
        Assert.Contains($"{Config}:2: $.drives[0].bucket: not set.", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync("config", "check", "--config", _folder.At("none")));
        Assert.Contains("syncagent init", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_editor_leaves_counts_only_without_a_mistake_and_is_never_lost()
    {
        await WriteAsync($$"""{ "drives": [ {{Drive}} ] }""");
        var before = await File.ReadAllTextAsync(Config, TestContext.Current.CancellationToken);
        _cli.Environment["EDITOR"] = "true";
        Assert.Equal(0, await _cli.RunAsync("config", "edit", "--config", Config));
        Assert.Contains("not changed", _cli.Out, StringComparison.Ordinal);

        _cli.Environment["EDITOR"] = "sed -i s/bucket/buket/";
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync("config", "edit", "--config", Config));
        Assert.Contains(":1: $.drives[0].buket: unknown", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(Config, TestContext.Current.CancellationToken));
        var kept = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Config)!), file => file.Contains(".edit.", StringComparison.Ordinal));
        Assert.Contains("buket", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        _cli.Environment["EDITOR"] = "false";
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("config", "edit", "--config", Config));
        _cli.Environment["EDITOR"] = "sed -i s/two-bucket/new-bucket/";
        Assert.Equal(0, await _cli.RunAsync("config", "edit", "--config", Config));
        Assert.Equal("new-bucket", ConfigFile.Read(Config).Drives[0].Target.Bucket);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Config)!));
    }

    public void Dispose() => _folder.Dispose();

    private DrivePlan Plan(string mount, string bucket) => new(
        Config, mount, new TargetSettings("oss", null, "cn-hangzhou", bucket, "", OssAddressing.Auto, AllowHttp: false));

    private Task WriteAsync(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Config)!);
        return File.WriteAllTextAsync(Config, text, TestContext.Current.CancellationToken);
    }
}
