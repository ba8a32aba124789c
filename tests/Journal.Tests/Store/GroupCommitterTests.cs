using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

public sealed class GroupCommitterTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly TestDrive _drive;
    private readonly GroupCommitter _group;

    public GroupCommitterTests()
    {
        _drive = new TestDrive(_time);
        _group = new GroupCommitter(_drive.Journal, _time, NullLogger.Instance);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _group.DisposeAsync();
        _drive.Dispose();
    }

    [Fact]
    public async Task A_flush_covers_everything_enqueued_before_it()
    {
        var sequence = _drive.Journal.Enqueue(_ => { });
        await _group.FlushAsync(default);
        Assert.True(_drive.Journal.DurableSequence >= sequence);
        Assert.Null(_group.Failure);
    }

    [Fact]
    public async Task A_close_is_covered_without_anybody_asking()
    {
        using var feed = _drive.Journal.Feed.Subscribe(ChangeKinds.Work);
        _drive.Journal.Commit(_ => { });
        var sequence = _drive.Journal.CommittedSequence;
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (_drive.Journal.DurableSequence < sequence)
        {
            _time.Advance(GroupCommitter.Interval);
            await feed.WaitAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System, watchdog.Token);
        }
    }

    [Fact]
    public async Task A_discarded_file_goes_only_with_the_group_that_makes_its_discard_durable()
    {
        var node = _drive.MakeFile("a", [1]);
        var staging = _drive.Reader.Generation(_drive.Reader.Node(node)!.Content!.Value)!.Staging;
        _drive.Write(node, [2]);
        Assert.True(File.Exists(_drive.Journal.Files.FileOf(staging)));
        _drive.Journal.Enqueue(_ => { });
        await _group.FlushAsync(default); // the new content is durable: the former one is given up
        Assert.True(File.Exists(_drive.Journal.Files.FileOf(staging)));
        await _group.FlushAsync(default); // that is durable too: its file goes
        Assert.False(File.Exists(_drive.Journal.Files.FileOf(staging)));
        _drive.Journal.WaitCommitted(_drive.Journal.EnqueuedSequence);
        Assert.Empty(_drive.Reader.Discards());
    }

    [Fact]
    public async Task A_file_discarded_before_its_group_is_no_error()
    {
        _group.Add("not-there");
        _drive.Journal.Enqueue(_ => { });
        await _group.FlushAsync(default);
        Assert.Null(_group.Failure);
    }
}
