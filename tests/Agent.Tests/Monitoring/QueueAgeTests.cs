using SyncAgent.Agent.Monitoring;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests.Monitoring;

public sealed class QueueAgeTests
{
    private const string Place = "/mnt/x";

    [Fact]
    public void The_oldest_pending_change_counts_and_only_while_it_waits()
    {
        var time = new ManualTimeProvider();
        using var drive = new TestDrive(time);
        var age = new QueueAge(drive.Journal, drive.Reader, time, share: null);
        Assert.Equal(0, Look());

        var first = drive.MakeFile("first", [1]);
        time.Advance(TimeSpan.FromSeconds(1));
        Look();
        time.Advance(TimeSpan.FromSeconds(60));
        drive.MakeFile("second", [1]);
        Assert.Equal(60, Look());
        time.Advance(TimeSpan.FromSeconds(5));
        Settle(drive, first);
        Assert.Equal(5, Look());

        long Look()
        {
            age.Look();
            return age.SecondsOf(Place);
        }
    }

    [Fact]
    public void What_was_pending_before_the_start_counts_from_the_start()
    {
        var time = new ManualTimeProvider();
        using var drive = new TestDrive(time);
        drive.MakeFile("old", [1]);
        var age = new QueueAge(drive.Journal, drive.Reader, time, share: null);
        time.Advance(TimeSpan.FromHours(3));
        age.Look();
        Assert.Equal(3 * 3600, age.SecondsOf(Place));
    }

    [Fact]
    public void Looks_are_bounded_while_one_file_waits_and_others_come_and_go()
    {
        var time = new ManualTimeProvider();
        using var drive = new TestDrive(time) { IsDurable = false };
        var age = new QueueAge(drive.Journal, drive.Reader, time, share: null);
        drive.MakeFile("waits", [1]);
        for (var i = 0; i < 3 * QueueAge.MaxLooks; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            drive.Journal.SetValue("any", i.ToString());
            age.Look();
            Assert.True(age.Looks <= QueueAge.MaxLooks);
        }

        Assert.Equal((3 * QueueAge.MaxLooks) - 1, age.SecondsOf(Place));
    }

    private static void Settle(TestDrive drive, long node) => drive.Change(writer => writer.Settle(node, drive.Reader.Node(node)!.Changed));
}
