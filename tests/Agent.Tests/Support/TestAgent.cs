using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>An agent over a real journal, with a fake drive mounted at /mnt/x.</summary>
internal sealed class TestAgent : IAsyncDisposable
{
    public static readonly StaticCredentials Keys = new(new StoreCredentials("id", "secret"));

    private readonly TempFolder _runtime = new();

    private TestAgent(TestDrive drive, bool endsWithLastDrive)
    {
        Drive = drive;
        Opener = new FakeOpener(drive.Journal);
        Registry = new MountRegistry(_runtime.Path);
        Host = new AgentHost(drive.Journal, null, Opener, Registry, endsWithLastDrive, TimeProvider.System, NullLogger.Instance);
    }

    public TestDrive Drive { get; }

    public FakeOpener Opener { get; }

    public MountRegistry Registry { get; }

    public AgentHost Host { get; }

    public FakeDrive Live => Opener.Opened[0];

    public static async Task<TestAgent> StartAsync(bool endsWithLastDrive = false, bool mounted = true)
    {
        var agent = new TestAgent(new TestDrive(TimeProvider.System) { IsDurable = false }, endsWithLastDrive);
        if (mounted) Assert.False(await agent.MountAsync(agent.Settings()));
        return agent;
    }

    /// <summary>The settings that fit the drive of the journal.</summary>
    public DriveSettings Settings(string? mountPoint = null, string? bucket = null) => new(
        mountPoint ?? Drive.Row.MountPoint,
        new TargetSettings("oss", Drive.Row.Endpoint, Drive.Row.Region, bucket ?? Drive.Row.Bucket, Drive.Row.Prefix, OssAddressing.Auto, false),
        ReadOnly: false);

    public Task<bool> MountAsync(DriveSettings settings) => Host.MountAsync(settings, new EngineSettings(), Keys, CancellationToken.None);

    /// <summary>What the group commit does a second after a close.</summary>
    public void MakeDurable() => Drive.Journal.CommitDurable(Drive.Journal.EnqueuedSequence);

    /// <summary>What Transfer does when the bucket has confirmed a node.</summary>
    public void Confirm(long node)
    {
        var row = Drive.Reader.Node(node)!;
        var key = Drive.Reader.Path(node)!;
        var remote = new Journal.RemoteState(key, "etag", null, 1, row.Size, 0, row.Content, row.AttributeVersion, Journal.Proof.Crc64);
        Drive.Change(writer =>
        {
            writer.ConfirmRemote(row.Drive, node, remote, null, 0);
            writer.Settle(node, row.Changed);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Drive.Dispose();
        _runtime.Dispose();
    }
}
