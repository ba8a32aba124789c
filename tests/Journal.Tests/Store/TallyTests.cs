using SyncAgent.Journal.Planning;
using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

public sealed class TallyTests : IDisposable
{
    private readonly TestDrive _drive = new(new ManualTimeProvider()) { IsDurable = false };

    public void Dispose() => _drive.Dispose();

    /// <summary>The counts come from indexes, by several ways; node by node they must be the same.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_counts_are_those_of_the_nodes_one_by_one(int seed)
    {
        var random = new Random(seed);
        var nodes = new List<long>();
        for (var number = 0; number < 200; number++)
        {
            var node = random.Next(4) == 0 ? _drive.MakeDirectory($"d{number}") : _drive.MakeFile($"f{number}", new byte[random.Next(50)]);
            nodes.Add(node);
            if (_drive.Reader.Node(node) is not { Type: NodeType.File } row) continue;
            if (random.Next(3) == 0) _drive.Change(writer => writer.ConfirmRemote(row.Drive, node, new RemoteState(row.Name, "etag", null, 1, row.Size, 0, row.Content, row.AttributeVersion, Proof.Crc64), null, 0));
            if (random.Next(3) == 0) _drive.Change(writer => writer.Settle(node, row.Changed));
            if (random.Next(6) == 0) _drive.Change(writer => writer.EvictContent(node));
            if (random.Next(6) == 0) _drive.Open(node);
            if (random.Next(6) == 0) _drive.Change(writer => writer.Fail(node, random.Next(2) == 0 ? Problem.Failed : Problem.Conflict, "refused"));
            if (random.Next(6) == 0) _drive.Chmod(node, 0x180); // pending again, also with a problem
            if (random.Next(6) == 0) _drive.Change(writer => writer.Hold(node, cancelled: false));
            if (random.Next(8) == 0) _drive.Change(writer => writer.SetIgnored(node, ignored: true, 0));
        }

        _drive.Chmod(_drive.Root, 0x1C0);
        var durable = _drive.Journal.CommittedSequence / 2;

        var expected = nodes.Select(node => _drive.Reader.Node(node)!).GroupBy(node => (node.Type == NodeType.Directory, StateOf(node, durable), node.Pending))
            .Select(group => (group.Key, group.LongCount(), group.Sum(node => node.Size)));
        var counted = _drive.Reader.Tallies(_drive.Row.Id, durable).GroupBy(tally => (tally.Directory, tally.State, tally.Pending))
            .Select(group => (group.Key, group.Sum(tally => tally.Count), group.Sum(tally => tally.Bytes)));

        Assert.Equal(expected.OrderBy(row => row.Key), counted.OrderBy(row => row.Key));
        Assert.All(_drive.Reader.SettledTallies(_drive.Row.Id), tally => Assert.True(tally.State is FileState.Synced or FileState.Remote or FileState.Ignored));
    }

    private FileState StateOf(NodeRow node, long durable) =>
        FileStates.Of(node, node.Open is { } open ? _drive.Reader.Generation(open)!.State : null, beingWritten: false, uploading: false, durable);
}
