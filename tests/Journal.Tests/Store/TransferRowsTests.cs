using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

/// <summary>The rows by which the file system and the transfer layer meet.</summary>
public sealed class TransferRowsTests : IDisposable
{
    private readonly TestDrive _drive = new(new ManualTimeProvider());

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void Due_nodes_come_in_order_by_size_and_only_when_durable()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => _drive.Journal.NewId()).ToList();
        var due = new long[] { 50, 10, 40, 20, 999 };
        for (var i = 0; i < 5; i++)
        {
            var row = _drive.Node(ids[i], _drive.Root, $"f{i}", NodeType.File) with { Due = due[i], Size = i == 3 ? 1000 : 1 };
            _drive.Change(writer => writer.PutNode(row));
        }

        var late = _drive.Journal.NewId();
        _drive.Journal.Commit(writer => writer.PutNode(_drive.Node(late, _drive.Root, "late", NodeType.File)));
        Assert.Equal([ids[1], ids[2], ids[0]], Due(large: false, 10).Select(node => node.Id));
        Assert.Equal([ids[1]], Due(large: false, 1).Select(node => node.Id));
        Assert.Equal([ids[3]], Due(large: true, 10).Select(node => node.Id));
        Assert.Equal(999, _drive.Reader.NextDue(_drive.Row.Id, 100));
        _drive.Journal.CommitDurable(_drive.Journal.EnqueuedSequence);
        Assert.Contains(Due(large: false, 10), node => node.Id == late);
    }

    [Fact]
    public void A_node_that_changed_after_it_was_planned_is_not_settled()
    {
        var node = _drive.MakeFile("a", [1]);
        var planned = _drive.Reader.Node(node)!.Changed;
        _drive.Chmod(node, 0x180);
        _drive.Change(writer => writer.Settle(node, planned));
        Assert.True(_drive.Reader.Node(node)!.Pending);
        _drive.Change(writer => writer.Fail(node, Problem.Failed, "x"));
        _drive.Change(writer => writer.Retry(node, 0));
        _drive.Change(writer => writer.Fail(node, Problem.Failed, "y", planned));
        Assert.Equal(Problem.None, _drive.Reader.Node(node)!.Problem);
        _drive.Change(writer => writer.Settle(node, _drive.Reader.Node(node)!.Changed));
        Assert.False(_drive.Reader.Node(node)!.Pending);
    }

    [Fact]
    public void Confirming_a_new_key_dooms_the_old_and_undoes_a_tombstone()
    {
        var node = _drive.MakeFile("a", [1]);
        Confirm(node, "a", "e1");
        Confirm(node, "b", "e2");
        Assert.Equal("e1", _drive.Reader.Doomed(_drive.Row.Id, "a")!.Remote.ETag);
        Confirm(_drive.MakeFile("c", [2]), "a", "e3");
        Assert.Null(_drive.Reader.Doomed(_drive.Row.Id, "a"));
    }

    [Fact]
    public void A_node_removed_meanwhile_leaves_its_object_doomed()
    {
        var node = _drive.MakeFile("a", [1]);
        _drive.Remove(node);
        Assert.Empty(_drive.Reader.DoomedBelow(_drive.Row.Id, ""));
        Confirm(node, "a", "e1");
        Assert.Equal("e1", _drive.Reader.Doomed(_drive.Row.Id, "a")!.Remote.ETag);
    }

    [Fact]
    public void An_object_that_another_node_overwrote_is_no_longer_believed()
    {
        var (old, over) = (_drive.MakeFile("a", [1]), _drive.MakeFile("b", [2]));
        Confirm(old, "a", "e1");
        Confirm(over, "a", "e2");
        Assert.Null(_drive.Reader.Node(old)!.Remote);
        Assert.Equal("e2", _drive.Reader.Node(over)!.Remote!.ETag);
    }

    [Fact]
    public void What_stands_under_a_key_is_given_up_and_not_what_stood_there_before()
    {
        var (first, second) = (_drive.MakeFile("a", [1]), _drive.MakeFile("b", [2]));
        Confirm(first, "a", "e1");
        _drive.Remove(second); // while its object is being put over the first one's, whose file has another name and content by now
        Confirm(second, "a", "e2");
        Confirm(first, "c", "e3");
        Assert.Equal("e2", _drive.Reader.Doomed(_drive.Row.Id, "a")!.Remote.ETag);
    }

    [Fact]
    public void Waiting_for_a_store_ends_at_once_and_waiting_for_quiet_does_not()
    {
        var (failed, resting) = (_drive.MakeFile("a", [1]), _drive.MakeFile("b", [2]));
        _drive.Change(writer =>
        {
            writer.Defer(failed, 500, 3, "x");
            writer.Defer(resting, 500, 0, null);
        });
        _drive.Change(writer => writer.DueNow(_drive.Row.Id, 7));
        Assert.Equal((7, 500), (_drive.Reader.Node(failed)!.Due, _drive.Reader.Node(resting)!.Due));
    }

    [Theory]
    [InlineData("UPDATE upload SET key='other'", false)]
    [InlineData("UPDATE upload SET upload_id='other'", false)]
    [InlineData("UPDATE upload SET phase=2", true)]
    public void A_damaged_checkpoint_head_is_noticed(string damage, bool intact)
    {
        var row = new UploadRow(_drive.Journal.NewId(), _drive.Row.Id, 5, 6, "k", null, 100, 1000, UploadPhase.Intent, 1, true);
        _drive.Change(writer => writer.AddUpload(row));
        _drive.Change(writer => writer.ActivateUpload(row with { UploadId = "u", Phase = UploadPhase.Active }));
        Assert.True(Assert.Single(_drive.Reader.UploadsOf(5)).Intact);
        _drive.Tamper(damage);
        Assert.Equal(intact, Assert.Single(_drive.Reader.UploadsOf(5)).Intact);
    }

    [Fact]
    public void A_damaged_part_is_noticed_and_uploads_go_with_their_parts()
    {
        _drive.Change(writer => writer.PutPart(new PartRow(1, 2, 100, 100, ulong.MaxValue, "e", true)));
        Assert.Equal(new PartRow(1, 2, 100, 100, ulong.MaxValue, "e", true), Assert.Single(_drive.Reader.Parts(1)));
        _drive.Tamper("UPDATE part SET length=99");
        Assert.False(Assert.Single(_drive.Reader.Parts(1)).Intact);
        _drive.Change(writer => writer.RemoveUpload(1));
        Assert.Empty(_drive.Reader.Parts(1));
    }

    [Fact]
    public void Paths_and_keys_follow_renames_of_ancestors()
    {
        var directory = _drive.MakeDirectory("d");
        var file = _drive.MakeFile("f", [1], directory);
        Assert.Equal(("d/", "d/f", ""), (_drive.Reader.Path(directory), _drive.Reader.Path(file), _drive.Reader.Path(_drive.Root)));
        _drive.Rename(directory, "e");
        Assert.Equal("e/f", _drive.Reader.Path(file));
        Assert.Equal(file, _drive.Reader.NodeAtPath(_drive.Root, "e/f")!.Id);
        Assert.Null(_drive.Reader.NodeAtPath(_drive.Root, "d/f"));
        Assert.Null(_drive.Reader.Path(12345));
    }

    [Fact]
    public void A_key_is_wanted_by_the_node_whose_names_stand_for_it()
    {
        var folder = _drive.MakeDirectory("a");
        var beside = _drive.MakeFile("a‛", [1]);
        var empty = _drive.MakeDirectory("‛‛", folder);
        var dots = _drive.MakeFile("‛..", [1], empty);
        (long Node, string Key, string Shown)[] all =
            [(folder, "a/", "a"), (beside, "a", "a‛"), (empty, "a//", "a/‛‛"), (dots, "a//..", "a/‛‛/‛.."), (_drive.Root, "", "")];
        foreach (var (node, key, shown) in all)
        {
            Assert.Equal((key, shown), (_drive.Reader.Path(node), _drive.Reader.ShownPath(node)));
            Assert.Equal(node, _drive.Reader.NodeAtKey(_drive.Root, key)?.Id);
            Assert.Equal(node, _drive.Reader.NodeAtPath(_drive.Root, shown)?.Id);
        }

        foreach (var nobodys in (string[])["a///", "/", "a/.", "a‛", "a//../", "a///.."]) Assert.Null(_drive.Reader.NodeAtKey(_drive.Root, nobodys));
    }

    private void Confirm(long node, string key, string etag) => _drive.Change(writer => writer.ConfirmRemote(
        _drive.Row.Id, node, new RemoteState(key, etag, null, 1, 1, 1, 1, 0, Proof.Crc64), null, 0));

    private IReadOnlyList<NodeRow> Due(bool large, int limit) =>
        _drive.Reader.DueNodes(_drive.Row.Id, 100, _drive.Journal.DurableSequence, 100, large, limit);
}
