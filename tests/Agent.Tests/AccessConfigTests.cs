using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Tests;

/// <summary>Keys, the way to the store, and bandwidth, in the configuration file and on the command line.</summary>
public class AccessConfigTests
{
    [Fact]
    public void A_drive_may_say_everything_about_the_way_to_its_bucket()
    {
        var config = Parse("""
            {
              "drives": [ {
                "mount": "/a", "region": "cn-hangzhou", "internal": true, "bucket": "one-bucket",
                "proxy": "http://user:word@proxy:3128", "connectTimeoutSeconds": 5, "stallTimeoutSeconds": 20, "responseTimeoutSeconds": 60,
                "idleTimeoutSeconds": 10, "maxConnections": 16,
                "credentials": { "source": "assume-role", "roleArn": "acs:ram::12:role/backup", "sessionName": "here", "durationSeconds": 1800,
                                 "policy": "{}", "externalId": "ext", "stsRegion": "cn-beijing", "base": "file:keys#dev" },
                "objects": [ { "match": "*.log", "contentType": "text/plain" } ]
              }, {
                "mount": "/b", "store": "s3", "region": "eu-central-1", "bucket": "two.bucket", "addressing": "path", "conditionalWrites": "on",
                "credentials": { "source": "process", "command": "get 'my keys'", "timeoutSeconds": 5 }
              } ],
              "limits": { "upload": "2MiB", "download": "unlimited",
                "timetable": [ { "days": ["workdays", "sun"], "from": "08:00", "to": "18:30", "upload": 200000 }, { "days": ["sat"], "from": "22:00", "to": "24:00", "download": "1MB" } ] }
            }
            """, out var mistakes);
        Assert.Empty(mistakes);
        var first = config.Drives[0].Target;
        Assert.Equal(
            new ConnectionOptions
            {
                Proxy = "http://user:word@proxy:3128", ConnectTimeout = TimeSpan.FromSeconds(5), StallTimeout = TimeSpan.FromSeconds(20),
                ResponseTimeout = TimeSpan.FromSeconds(60), IdleTimeout = TimeSpan.FromSeconds(10), MaxConnections = 16,
            },
            first.ToOssOptions().Connection);
        Assert.True(first.ToOssOptions().Internal);
        Assert.Equal(
            new CredentialsSettings
            {
                Source = CredentialsSource.AssumeRole,
                AssumeRole = new AssumeRoleOptions
                {
                    RoleArn = "acs:ram::12:role/backup", SessionName = "here", Duration = TimeSpan.FromMinutes(30), Policy = "{}", ExternalId = "ext", Region = "cn-beijing",
                },
                Base = new CredentialsSettings { Source = CredentialsSource.File, Path = "/etc/keys", Profile = "dev" },
            },
            first.Credentials);
        Assert.False(first.Credentials.NeedsEnvironment);
        Assert.Equal(("*.log", "text/plain"), (config.Drives[0].Objects[0].Match, config.Drives[0].Objects[0].Options.ContentType));

        var second = config.Drives[1].Target;
        Assert.Equal((true, S3ConditionalWrites.On), (second.ToS3Options().PathStyle, second.ToS3Options().ConditionalWrites));
        Assert.Equal(new CredentialsSettings { Source = CredentialsSource.Process, Command = "get 'my keys'", Timeout = TimeSpan.FromSeconds(5) }, second.Credentials);

        var bandwidth = config.Engine.Bandwidth!;
        Assert.Equal(new BandwidthLimits(2 << 20, 0), bandwidth.Standing);
        Assert.Equal(6, bandwidth.Entries[0].Days.Count);
        Assert.Equal((200_000, null), (bandwidth.Entries[0].Upload, bandwidth.Entries[0].Download));
        Assert.Equal((new TimeOnly(22, 0), TimeOnly.MinValue, 1_000_000), (bandwidth.Entries[1].From, bandwidth.Entries[1].To, bandwidth.Entries[1].Download));
    }

    [Fact]
    public void Every_mistake_is_listed_with_its_path()
    {
        Parse("""
            {
              "drives": [
                { "mount": "/a", "region": "cn-hangzhou", "bucket": "one-bucket", "proxy": "nonsense", "caFile": "none.pem", "connectTimeoutSeconds": 0,
                  "maxConnections": 0, "conditionalWrites": "on", "credentials": "AKID:key" },
                { "mount": "/b", "region": "cn-hangzhou", "bucket": "two-bucket", "credentials": { "source": "assume-role", "roleArn": "x", "sessionName": "a b", "typo": 1 } },
                { "mount": "/c", "region": "cn-hangzhou", "bucket": "three-bucket", "credentials": { "source": "process", "command": "a 'b" } },
                { "mount": "/d", "region": "cn-hangzhou", "bucket": "four-bucket", "proxy": "nonsense", "caFile": "none.pem" },
                { "mount": "/e", "region": "eu-central-1", "store": "s3", "bucket": "five-bucket", "internal": true, "credentials": { "source": "keys" } }
              ],
              "limits": { "upload": "fast", "download": 5, "timetable": [ { "days": ["someday"], "from": "8", "to": "25:00", "upload": true, "typo": 1 }, { "from": "08:00", "to": "09:00" } ] }
            }
            """, out var mistakes);
        string[] expected =
        [
            "$.drives[0].connectTimeoutSeconds", "$.drives[0].maxConnections", "$.drives[0].conditionalWrites", "$.drives[0].credentials",
            "$.drives[1].credentials.roleArn", "$.drives[1].credentials.sessionName", "$.drives[1].credentials.typo", "$.drives[2].credentials.command",
            "$.drives[3].proxy", "$.drives[3].caFile", "$.drives[4].internal", "$.drives[4].credentials.source",
            "$.limits.upload", "$.limits.download", "$.limits.timetable[0].days", "$.limits.timetable[0].from", "$.limits.timetable[0].to",
            "$.limits.timetable[0].upload", "$.limits.timetable[0].typo", "$.limits.timetable[1].days",
        ];
        foreach (var path in expected) Assert.Contains(mistakes, mistake => mistake.StartsWith(path + ":", StringComparison.Ordinal));
        Assert.DoesNotContain(mistakes, mistake => mistake.Contains("AKID", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("env", CredentialsSource.Environment, null, null)]
    [InlineData("file", CredentialsSource.File, null, null)]
    [InlineData("file#dev", CredentialsSource.File, null, "dev")]
    [InlineData("file:keys", CredentialsSource.File, "/etc/keys", null)]
    [InlineData("file:/x/k:1#a:b", CredentialsSource.File, "/x/k:1", "a:b")]
    [InlineData("ecs", CredentialsSource.Ecs, null, null)]
    public void The_short_forms_are_understood(string text, object source, string? path, string? profile)
    {
        var mistakes = new List<string>();
        var settings = CredentialsReader.Parse(text, "/etc", "--credentials", mistakes);
        Assert.Empty(mistakes);
        Assert.Equal((source, path, profile), ((object)settings.Source, settings.Path, settings.Profile));
    }

    [Fact]
    public void The_longer_short_forms_are_understood()
    {
        var mistakes = new List<string>();
        Assert.Equal("run --a 'b:c#d'", CredentialsReader.Parse("process:run --a 'b:c#d'", "/", "x", mistakes).Command);
        Assert.Equal("backup", CredentialsReader.Parse("ecs:backup", "/", "x", mistakes).Role);
        Assert.Equal("acs:ram::1:role/a", CredentialsReader.Parse("assume-role:acs:ram::1:role/a", "/", "x", mistakes).AssumeRole!.RoleArn);
        Assert.StartsWith(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), CredentialsReader.Parse("file:~/k", "/", "x", mistakes).Path!, StringComparison.Ordinal);
        Assert.Empty(mistakes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("keys")]
    [InlineData("env:x")]
    [InlineData("process:")]
    [InlineData("process:a \"b")]
    [InlineData("assume-role")]
    [InlineData("assume-role:backup")]
    public void What_is_no_source_is_refused(string text)
    {
        var mistakes = new List<string>();
        CredentialsReader.Parse(text, "/", "--credentials", mistakes);
        Assert.StartsWith("--credentials: ", Assert.Single(mistakes), StringComparison.Ordinal);
    }

    private static ConfigFile Parse(string text, out List<string> mistakes)
    {
        mistakes = [];
        return ConfigFile.Parse(text, "/etc", mistakes);
    }
}
