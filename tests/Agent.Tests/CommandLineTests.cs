using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Tests.Support;

namespace SyncAgent.Agent.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();

    private string[] Target => ["--store", "oss", "--endpoint", "http://127.0.0.1:9", "--region", "cn-hangzhou", "--bucket", "demo"];

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("mount")]
    [InlineData("mount", "/tmp/x", "--no-such-option")]
    [InlineData("wait", "--timeout", "soon")]
    [InlineData("wait", "--timeout", "-1")]
    [InlineData("put", "only-one")]
    [InlineData("dev-store", "--port", "1")]
    [InlineData("dev-store", "--root", "/tmp/x", "--port", "70000")]
    [InlineData("unmount")]
    public async Task A_wrong_command_line_ends_with_64(params string[] arguments)
    {
        Assert.Equal(ExitCodes.Usage, await _cli.RunAsync(arguments));
        Assert.StartsWith("syncagent: ", _cli.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Out);
    }

    [Theory]
    [InlineData("staus", "syncagent status")]
    [InlineData("uplaods list", "syncagent uploads")]
    [InlineData("config chek", "syncagent config check")]
    [InlineData("status --wacth", "syncagent status --watch")]
    [InlineData("service install --confg", "syncagent service install --config")]
    public async Task A_slip_is_answered_with_what_was_meant(string line, string meant)
    {
        Assert.Equal(ExitCodes.Usage, await _cli.RunAsync(line.Split(' ')));
        Assert.Contains($"did you mean \"{meant}\"?", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_mistakes_of_a_configuration_are_told_at_once_with_78()
    {
        _cli.Environment.Clear();
        var code = await _cli.RunAsync(
            "mount", _folder.At("drive"), "--endpoint", "http://example.com", "--region", "cn-hangzhou", "--bucket", "demo",
            "--state", _folder.At("drive/state"), "--part-size", "banana", "--parallel-parts", "1.5");

        Assert.Equal(ExitCodes.Configuration, code);
        foreach (var mistake in (string[])["--endpoint: ", "DIR: the state folder", "--part-size: ", "--parallel-parts: ", "OSS_ACCESS_KEY_ID"])
            Assert.Contains(mistake, _cli.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("drive")));
    }

    [Theory]
    [InlineData("--checksum", "foo")]
    [InlineData("--credentials", "bogus")]
    [InlineData("--limit-upload", "-1")]
    [InlineData("--store", "s4")]
    public async Task A_wrong_value_is_told_in_one_line(string option, string value)
    {
        foreach (var command in (string[][])[["mount", _folder.At("drive")], ["put", _folder.At("file"), "key"]])
        {
            string[] target = ["--endpoint", "http://127.0.0.1:9", "--region", "cn-hangzhou", "--bucket", "demo"];
            Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync([.. command, .. target, "--state", _folder.At("state"), option, value]));
            Assert.StartsWith($"syncagent: {option}: ", _cli.Error, StringComparison.Ordinal);
            Assert.Single(_cli.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        }
    }

    [Fact]
    public async Task The_store_s3_has_its_own_rules_and_variables()
    {
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync(
            "mount", _folder.At("drive"), "--store", "s3", "--bucket", "demo.a", "--region", "eu-central-1", "--internal", "--addressing", "cname",
            "--credentials", "assume-role:acs:ram::1:role/x", "--state", _folder.At("state")));
        foreach (var mistake in (string[])["--internal: ", "--addressing: ", "--credentials: ", "AWS_ACCESS_KEY_ID"])
            Assert.Contains(mistake, _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:/nowhere/keys", "/nowhere/keys does not exist")]
    [InlineData("process:/nowhere/get-keys", "/nowhere/get-keys could not be started")]
    public async Task Another_source_of_keys_needs_none_in_the_environment(string source, string why)
    {
        _cli.Environment.Clear();
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync(["ls", "--credentials", source, .. Target]));
        Assert.Contains(why, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_of_the_way_to_the_store_name_their_options()
    {
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync(
            ["ls", "--proxy", "user:hidden@proxy", "--ca-file", _folder.At("none.pem"), "--connect-timeout", "0", "--idle-timeout", "5000", .. Target]));
        foreach (var mistake in (string[])["--proxy: ", "--ca-file: ", "--connect-timeout: ", "--idle-timeout: "])
            Assert.Contains(mistake, _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_file_names_itself_in_its_mistakes()
    {
        var path = _folder.At("agent.json");
        await File.WriteAllTextAsync(path, """{ "drives": [ { "mount": "/x" } ], "typo": 1 }""", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync("mount", "--config", path));
        Assert.Contains($"{path}:1: $.drives[0].bucket: not set.", _cli.Error, StringComparison.Ordinal);
        Assert.Contains($"{path}:1: $.typo: unknown", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_option_for_several_drives_is_told_once()
    {
        var path = _folder.At("agent.json");
        await File.WriteAllTextAsync(
            path, """{ "drives": [ { "mount": "/x", "region": "cn-hangzhou", "bucket": "one-bucket" }, { "mount": "/y", "region": "cn-hangzhou", "bucket": "two-bucket" } ] }""",
            TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync("mount", "--config", path, "--connect-timeout", "0", "--state", _folder.At("state")));
        Assert.Equal("syncagent: --connect-timeout: \"0\": expected seconds from 1 to 300.\n", _cli.Error);
    }

    [Fact]
    public async Task Credentials_are_no_option()
    {
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("mount", "--help"));
        Assert.DoesNotContain("secret", _cli.Out, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("access-key", _cli.Out, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_an_agent_status_says_so()
    {
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("status", "--state", _folder.At("state")));
        Assert.Contains("no agent runs on", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_agent_a_wait_ends_with_its_time()
    {
        Assert.Equal(ExitCodes.TimedOut, await _cli.RunAsync("wait", "--state", _folder.At("state"), "--timeout", "0.05"));
        Assert.Contains("no agent runs on", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_no_drive_cannot_be_unmounted()
    {
        _cli.Environment["XDG_RUNTIME_DIR"] = _folder.Path;
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("unmount", _folder.Path));
        Assert.Contains("no drive is mounted", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_asked_for_before_anything_is_done()
    {
        _cli.Environment.Clear();
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync(["ls", .. Target]));
        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync("dev-store", "--root", _folder.At("store")));
        Assert.False(Directory.Exists(_folder.At("store")));
    }

    [Fact]
    public async Task Direct_commands_need_a_bucket_or_a_drive()
    {
        Assert.Equal(ExitCodes.Usage, await _cli.RunAsync("ls", "--state", _folder.At("state")));
        Assert.Contains("--bucket", _cli.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
