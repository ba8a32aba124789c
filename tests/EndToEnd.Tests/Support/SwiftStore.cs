using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>A real S3 store, OpenStack Swift, for all tests of a class: started by the first that needs it, ended with the class. It has
/// one bucket, and the vendor's client looks into it.</summary>
public sealed class SwiftStore : IAsyncDisposable
{
    public const string Bucket = "drives";

    private Process? _script;
    private string _folder = "";
    private AmazonS3Client? _client;

    internal string Url { get; private set; } = "";

    internal string Region { get; private set; } = "";

    internal AmazonS3Client Client => _client ?? throw new InvalidOperationException("Not started.");

    /// <summary>Keys of the store, in the variables that both the agent and Amazon's command read.</summary>
    internal Dictionary<string, string> Environment { get; } = new() { ["AWS_EC2_METADATA_DISABLED"] = "true" };

    /// <summary>Starts it unless it runs; skips the test where it is not installed.</summary>
    internal async Task StartAsync()
    {
        Places.SkipUnlessInstalled("swift-proxy-server", "swift-object-server", "memcached", "curl");
        if (_client is not null) return;
        _folder = Directory.CreateTempSubdirectory("syncagent-s3-").FullName;
        _script = Command.Start("/bin/bash", [Path.Combine(Places.Repository, "tests/stores/swift-start.sh"), _folder], Environment);
        var errors = _script.StandardError.ReadToEndAsync();
        var line = await _script.StandardOutput.ReadLineAsync().WaitAsync(Poll.Patience);
        if (line?.Split(' ') is not ["ready", var url, var key, var secret, var region])
            throw new InvalidOperationException($"swift-start.sh: {line} {await errors.WaitAsync(Poll.Patience)}");
        (Url, Region) = (url, region);
        (Environment["AWS_ACCESS_KEY_ID"], Environment["AWS_SECRET_ACCESS_KEY"], Environment["AWS_DEFAULT_REGION"]) = (key, secret, region);
        _client = new AmazonS3Client(
            new BasicAWSCredentials(key, secret), new AmazonS3Config { ServiceURL = url, AuthenticationRegion = region, ForcePathStyle = true });
        await _client.PutBucketAsync(new PutBucketRequest { BucketName = Bucket });
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_script is null) return;
        _script.StandardInput.Close(); // which ends the script, and with it the store
        await _script.WaitForExitAsync().WaitAsync(Poll.Patience);
        _script.Dispose();
        Assert.False(Directory.Exists(_folder), $"The store in {_folder} was not stopped.");
    }
}
