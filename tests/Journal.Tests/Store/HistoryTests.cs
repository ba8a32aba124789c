using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

public sealed class HistoryTests : IDisposable
{
    private readonly TestDrive _drive = new(new ManualTimeProvider()) { IsDurable = false };

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void Only_the_newest_are_kept()
    {
        _drive.Change(writer =>
        {
            for (var number = 0; number < HistoryRow.Kept + 5; number++)
                writer.AddHistory(new HistoryRow(0, _drive.Row.Id, number, HistoryKind.Uploaded, $"{number}", 3, null, null));
        });
        Assert.Equal($"{HistoryRow.Kept + 4}", Assert.Single(_drive.Reader.History(null, null, 1)).Key);
        Assert.Equal(HistoryRow.Kept, _drive.Reader.History(null, null, int.MaxValue).Count);
        Assert.Empty(_drive.Reader.History(null, 6, 10));
        var last = _drive.Reader.LastHistory();
        Assert.Equal((2, 6), _drive.Reader.UploadsAfter(last - 2));
    }

    [Fact]
    public void A_file_that_is_held_is_not_due_until_it_goes_on()
    {
        var (held, free) = (_drive.MakeFile("held", [1]), _drive.MakeFile("free", new byte[100]));
        _drive.Change(writer => writer.Hold(held, cancelled: false));
        Assert.Equal([free], Due(large: false).Concat(Due(large: true)));
        Assert.Equal([held], _drive.Reader.HeldNodes(_drive.Row.Id, 0, 10).Select(node => node.Id));
        Assert.Equal(2, _drive.Reader.Counts(_drive.Row.Id).Pending);
        Assert.Equal(Planning.FileState.Paused, _drive.Reader.Tallies(_drive.Row.Id, long.MaxValue).Single(tally => tally.Bytes == 1).State);

        _drive.Change(writer => writer.Hold(held, cancelled: true));
        Assert.True(_drive.Reader.Node(held) is { IsHeld: true, IsCancelled: true });
        _drive.Change(writer => writer.Hold(held, cancelled: false));
        Assert.True(_drive.Reader.Node(held) is { IsHeld: true, IsCancelled: false });

        _drive.Write(held, [1, 2]); // still held
        Assert.Equal([free], Due(large: false).Concat(Due(large: true)));
        _drive.Change(writer => writer.Release(held, 0));
        Assert.Equal([held], Due(large: false));
        Assert.Empty(_drive.Reader.HeldNodes(_drive.Row.Id, 0, 10));

        IEnumerable<long> Due(bool large) => _drive.Reader.DueNodes(_drive.Row.Id, long.MaxValue, long.MaxValue, 50, large, 10).Select(node => node.Id);
    }
}
