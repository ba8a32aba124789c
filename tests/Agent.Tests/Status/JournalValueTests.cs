using SyncAgent.Agent.Status;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

public sealed class JournalValueTests : IDisposable
{
    /// <summary>Whatever a read costs, it is years until it may be done again.</summary>
    private const int Never = int.MaxValue;

    private readonly TestDrive _drive = new(TimeProvider.System) { IsDurable = false };
    private int _reads;

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void It_is_read_again_after_a_commit_and_seldom_for_those_who_watch()
    {
        var value = new JournalValue<int>(_drive.Journal, () => ++_reads);
        Assert.Equal(1, value.Get(Never)); // there is none yet
        Assert.Equal(1, value.Get(null));
        _drive.MakeFile("a", [1]);
        Assert.Equal(1, value.Get(Never));
        Assert.Equal(2, value.Get(null));
        Assert.Equal(2, value.Get(0)); // nothing was committed since
        _drive.MakeFile("b", [1]);
        Assert.Equal(3, value.Get(0));
        _drive.Journal.CommitDurable(_drive.Journal.EnqueuedSequence); // what was closing is queued now
        Assert.Equal(4, value.Get(null));
    }
}
