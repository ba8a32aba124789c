using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.DevStore;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Tests;

/// <summary>Later commands reach a drive's bucket as the drive does.</summary>
public sealed class DriveTargetTests : IDisposable
{
    private static readonly TargetSettings Target = new("oss", null, "cn-hangzhou", "one-bucket", "p/", OssAddressing.VirtualHost, AllowHttp: false)
    {
        Internal = true,
        Credentials = new CredentialsSettings
        {
            Source = CredentialsSource.AssumeRole,
            AssumeRole = new AssumeRoleOptions { RoleArn = "acs:ram::1:role/x", Duration = TimeSpan.FromMinutes(20), Endpoint = new Uri("https://sts.example.com/"), ExternalId = "hidden too" },
            Base = new CredentialsSettings { Source = CredentialsSource.Process, Command = "get keys --password hidden", Timeout = TimeSpan.FromSeconds(3) },
        },
        Connection = new ConnectionOptions { Proxy = "http://user:hidden@proxy:3128", IdleTimeout = TimeSpan.FromSeconds(9) },
    };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_is_kept_but_secrets()
    {
        using var journal = JournalStore.Open(_folder.Path);
        var row = DriveRows.Bind(journal, journal.OpenReader(), new DriveSettings("/mnt/x", Target, ReadOnly: false), DateTimeOffset.UnixEpoch);
        var expected = Target with
        {
            Connection = Target.Connection with { Proxy = "http://proxy:3128" },
            Credentials = Target.Credentials with
            {
                AssumeRole = Target.Credentials.AssumeRole! with { ExternalId = null },
                Base = new CredentialsSettings { Source = CredentialsSource.Process, Timeout = TimeSpan.FromSeconds(3), Withheld = true },
                Withheld = true,
            },
        };
        Assert.Equal(expected, DriveTargets.Read(journal.OpenReader(), row));
        Assert.DoesNotContain("hidden", journal.GetValue($"drive.{row.Id}.target"), StringComparison.Ordinal);
        // What an older version wrote down goes no further either.
        journal.SetValue($"drive.{row.Id}.target", JsonSerializer.Serialize(Target, ControlJson.Default.TargetSettings));
        Assert.Equal(expected, Assert.Single(DriveTargets.All(journal.OpenReader())).Target);
    }

    [Fact]
    public void A_role_without_secrets_is_kept_whole()
    {
        var settings = new CredentialsSettings
        {
            Source = CredentialsSource.AssumeRole,
            AssumeRole = new AssumeRoleOptions { RoleArn = "acs:ram::1:role/x" },
            Base = new CredentialsSettings { Source = CredentialsSource.File, Path = "/keys", Profile = "dev" },
        };
        Assert.Equal(settings, settings.WithoutSecrets);
    }

    [Fact]
    public async Task Keys_of_a_command_are_asked_for_again_by_line_or_configuration()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var store = await DevStoreServer.StartAsync(
            new DevStoreOptions
            {
                RootDirectory = _folder.At("store"), CreateBuckets = ["demo"], Credentials = [new DevStoreCredential("i", "s")], DurableWrites = false,
            },
            stop);
        await File.WriteAllTextAsync(_folder.At("keys.json"), """{"Version":1,"AccessKeyId":"i","AccessKeySecret":"s"}""", stop);
        await File.WriteAllTextAsync(
            _folder.At("config"),
            $$"""
            { "drives": [ { "mount": "/mnt/other", "endpoint": "{{store.Endpoint.GetLeftPart(UriPartial.Authority)}}", "region": "cn-hangzhou", "bucket": "demo",
                            "credentials": { "source": "process", "command": "cat '{{_folder.At("keys.json")}}'" } } ] }
            """,
            stop);
        var cli = new Support.Cli();
        cli.Environment.Clear();
        await using var agent = await TestAgent.StartAsync(mounted: false);
        await agent.MountAsync(Assert.Single(ConfigFile.Read(_folder.At("config")).Drives));
        string[] line = ["ls", "--state", agent.Drive.Folder, "--drive", "/mnt/other"];

        Assert.Equal(78, await cli.RunAsync(line));
        Assert.Contains("keys come from a command, which is not kept in the state folder", cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("keys.json", cli.Error, StringComparison.Ordinal);
        Assert.True(await cli.RunAsync([.. line, "--config", _folder.At("config")]) == 0, cli.Error);
        Assert.True(await cli.RunAsync([.. line, "--credentials", $"process:cat '{_folder.At("keys.json")}'"]) == 0, cli.Error);
    }

    [Fact]
    public void The_latest_mount_counts()
    {
        using var journal = JournalStore.Open(_folder.Path);
        var settings = new DriveSettings("/mnt/x", Target, ReadOnly: false);
        DriveRows.Bind(journal, journal.OpenReader(), settings, DateTimeOffset.UnixEpoch);
        var changed = Target with { Connection = new(), Credentials = CredentialsSettings.Environment };
        var row = DriveRows.Bind(journal, journal.OpenReader(), settings with { Target = changed }, DateTimeOffset.UnixEpoch);
        Assert.Equal(changed, DriveTargets.Read(journal.OpenReader(), row));
    }

    [Fact]
    public void A_drive_of_an_older_version_is_reached_by_its_row()
    {
        using var journal = JournalStore.Open(_folder.Path);
        var row = DriveRows.Bind(journal, journal.OpenReader(), new DriveSettings("/mnt/x", Target, ReadOnly: false), DateTimeOffset.UnixEpoch);
        foreach (var value in new[] { null, "{\"store\":5}" })
        {
            journal.SetValue($"drive.{row.Id}.target", value);
            Assert.Equal(new TargetSettings("oss", null, "cn-hangzhou", "one-bucket", "p/", OssAddressing.Auto, AllowHttp: true), DriveTargets.Read(journal.OpenReader(), row));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Put_and_get_use_the_drive_s_keys_with_and_without_its_agent(bool live)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var store = await DevStoreServer.StartAsync(
            new DevStoreOptions
            {
                RootDirectory = _folder.At("store"), CreateBuckets = ["demo"], Credentials = [new DevStoreCredential("i", "s")], DurableWrites = false,
            },
            stop);
        var keys = _folder.At("keys");
        await File.WriteAllTextAsync(keys, "[dev]\naccessKeyID=i\naccessKeySecret=s\n", stop);
        File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var target = new TargetSettings(
            "oss", store.Endpoint.GetLeftPart(UriPartial.Authority), "cn-hangzhou", "demo", "p/", OssAddressing.Path, AllowHttp: false)
        {
            Credentials = new CredentialsSettings { Source = CredentialsSource.File, Path = keys, Profile = "dev" },
        };

        var cli = new Support.Cli();
        cli.Environment.Clear();
        await using var agent = await TestAgent.StartAsync(mounted: false);
        await agent.MountAsync(new DriveSettings("/mnt/other", target, ReadOnly: false));
        var state = agent.Drive.Folder;
        ControlServer? server = null;
        if (live)
        {
            server = await ControlServer.StartAsync(state, new ControlRoutes(agent.Host, NullLogger.Instance), NullLoggerFactory.Instance);
            server.Publish();
        }

        var file = _folder.At("file");
        await File.WriteAllBytesAsync(file, [1, 2, 3], stop);
        Assert.True(await cli.RunAsync("put", file, "a", "--limit-upload", "1MiB", "--state", state, "--drive", "/mnt/other") == 0, cli.Error);
        Assert.Equal(["p/a"], store.ListKeys("demo"));
        Assert.True(await cli.RunAsync("get", "a", _folder.At("back"), "--limit-download", "1MiB", "--state", state, "--drive", "/mnt/other") == 0, cli.Error);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(_folder.At("back"), stop));
        // What is given on the line holds instead.
        Assert.Equal(1, await cli.RunAsync("ls", "--credentials", "file:/nowhere", "--state", state, "--drive", "/mnt/other"));
        Assert.Contains("/nowhere does not exist", cli.Error, StringComparison.Ordinal);
        if (server is not null) await server.DisposeAsync();
    }
}
