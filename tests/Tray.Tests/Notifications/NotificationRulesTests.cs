using SyncAgent.TestKit;
using SyncAgent.Tray.Api;
using SyncAgent.Tray.Notifications;
using SyncAgent.Tray.Tests.Api;

namespace SyncAgent.Tray.Tests.Notifications;

/// <summary>What is worth a word, and how often.</summary>
public sealed class NotificationRulesTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<Notification> _shown = [];
    private readonly NotificationRules _rules;

    public NotificationRulesTests() => _rules = new NotificationRules(_time, _shown.Add);

    [Fact]
    public void A_failure_and_a_conflict_are_told_with_reason_and_remedy()
    {
        Fail("a.txt", "refused", "ask");
        Assert.Equal(new Notification("Not uploaded: a.txt", "refused ask", IsUrgent: true), Assert.Single(_shown));
        _time.Advance(2 * NotificationRules.Gathering);
        _rules.Take(new ProblemAppeared(new ProblemInfo("/d/b.txt", "Conflict", "someone else's is newer", null)));
        Assert.Equal(new Notification("Conflict: b.txt", "someone else's is newer", IsUrgent: true), _shown[1]);
    }

    [Fact]
    public void Ten_thousand_failures_are_told_twice()
    {
        for (var i = 0; i < 10_000; i++) Fail($"f{i}", "refused");
        Assert.Single(_shown);
        _time.Advance(NotificationRules.Gathering);
        Assert.Equal("9999 more files need you", _shown[1].Title);
        _time.Advance(10 * NotificationRules.Gathering);
        Assert.Equal(2, _shown.Count);
    }

    [Fact]
    public void A_second_one_within_the_minute_is_told_by_itself_at_its_end_and_begins_another_minute()
    {
        Fail("a", "refused");
        Fail("b", "refused");
        Assert.Single(_shown);
        _time.Advance(NotificationRules.Gathering);
        Assert.Equal("Not uploaded: b", _shown[1].Title);
        Fail("c", "refused");
        Assert.Equal(2, _shown.Count);
        _time.Advance(NotificationRules.Gathering);
        Assert.Equal("Not uploaded: c", _shown[2].Title);
    }

    [Theory]
    [InlineData("interrupted")]
    [InlineData("incomplete")]
    public void What_is_not_final_is_left_to_the_icon(string state)
    {
        _rules.Take(new ProblemAppeared(new ProblemInfo("/d/a", state, null, null)));
        Assert.Empty(_shown);
    }

    [Fact]
    public void The_end_of_a_queue_is_told_when_it_was_long_or_large()
    {
        Busy();
        _time.Advance(NotificationRules.LongQueue - TimeSpan.FromSeconds(1));
        Done(3);
        Assert.Empty(_shown);

        Busy();
        _time.Advance(NotificationRules.LongQueue);
        Done(3);
        Assert.Equal(new Notification("Everything is uploaded", "3 files (3 KiB) arrived in the bucket.", IsUrgent: false), Assert.Single(_shown));

        _time.Advance(NotificationRules.Gathering);
        Busy();
        Done(NotificationRules.ManyFiles);
        Assert.Equal(2, _shown.Count);
        Done(NotificationRules.ManyFiles);
        Assert.Equal(2, _shown.Count);
    }

    [Fact]
    public void The_end_of_a_queue_is_told_also_when_the_picture_without_it_comes_first_and_does_not_hide_problems()
    {
        Busy();
        _time.Advance(NotificationRules.LongQueue);
        _rules.Take(new StatusChanged(Snapshots.Of(Snapshots.Json("attention", problems: """{"path":"/d/a","state":"Failed"}"""))));
        _time.Advance(TimeSpan.FromSeconds(5));
        Done(3);
        var word = Assert.Single(_shown);
        Assert.Equal(("The queue is done", "3 files (3 KiB) arrived in the bucket. 1 file needs you."), (word.Title, word.Text));
    }

    public void Dispose() => _rules.Dispose();

    private void Fail(string name, string reason, string? remedy = null) =>
        _rules.Take(new ProblemAppeared(new ProblemInfo($"/d/{name}", "Failed", reason, remedy)));

    private void Busy() => _rules.Take(new StatusChanged(Snapshots.Of(Snapshots.Json("syncing", """ "queued":3 """, queued: 3))));

    private void Done(long files) => _rules.Take(new QueueDrained(new DoneInfo(files, files * 1024)));
}
