using SyncAgent.Journal;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>P6: no lost update.</summary>
public sealed class ConflictTests : EngineTest
{
    [Theory]
    [InlineData(100)]
    [InlineData(5 * Part)]
    public async Task An_object_that_changed_remotely_is_not_overwritten_and_both_are_kept(int size)
    {
        var node = Drive.MakeFile("a", TestDrive.Bytes(size, 1));
        Start();
        await SettledAsync();
        var foreign = Bucket.PutForeign("p/a", TestDrive.Bytes(50, 9));
        var mine = TestDrive.Bytes(size, 2);
        Drive.Write(node, mine);
        await UntilAsync(() => Node(node).Problem == Problem.Conflict);
        Assert.Equal(foreign.Bytes, Bucket.Objects["p/a"].Bytes);

        Drive.Rename(node, "a (conflict)");
        await SettledAsync();
        Assert.Equal(mine, Bucket.Objects["p/a (conflict)"].Bytes);
        Assert.Equal(foreign.Bytes, Bucket.Objects["p/a"].Bytes);
        Assert.Empty(Bucket.OpenUploads);
    }

    [Fact]
    public async Task An_object_that_changes_while_parts_go_up_is_not_overwritten()
    {
        Bucket.Before = (call, _) =>
        {
            if (call.Part == 4) Bucket.PutForeign("p/a", [1, 2, 3]);
            return Task.CompletedTask;
        };
        var node = Drive.MakeFile("a", TestDrive.Bytes(5 * Part, 1));
        Start();
        await UntilAsync(() => Node(node).Problem == Problem.Conflict && Bucket.OpenUploads.Count == 0);
        Assert.Equal([1, 2, 3], Bucket.Objects["p/a"].Bytes);
    }

    [Fact]
    public async Task A_new_file_over_a_foreign_object_is_a_conflict()
    {
        var foreign = Bucket.PutForeign("p/a", [1, 2, 3]);
        var node = Drive.MakeFile("a", TestDrive.Bytes(100, 1));
        Start();
        await UntilAsync(() => Node(node).Problem == Problem.Conflict);
        Assert.Equal(foreign.ETag, Bucket.Objects["p/a"].ETag);
        Assert.Contains(foreign.ETag, Node(node).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_bytes_are_a_change_of_metadata_and_no_conflict()
    {
        var bytes = TestDrive.Bytes(100, 1);
        Bucket.PutForeign("p/a", bytes);
        var node = Drive.MakeFile("a", bytes);
        Start();
        await SettledAsync();
        Assert.Equal(Problem.None, Node(node).Problem);
        Assert.Equal("33188", Bucket.Objects["p/a"].Metadata["mode"]);
        Assert.Equal(1, Count("Copy"));
    }

    [Fact]
    public async Task An_object_deleted_by_somebody_else_is_sent_again()
    {
        var node = Drive.MakeFile("a", TestDrive.Bytes(100, 1));
        Start();
        await SettledAsync();
        Bucket.DeleteForeign("p/a");
        var mine = TestDrive.Bytes(100, 2);
        Drive.Write(node, mine);
        await SettledAsync();
        Assert.Equal(mine, Bucket.Objects["p/a"].Bytes);
    }

    [Fact]
    public async Task A_removed_file_is_deleted_but_not_somebody_elses_newer_object()
    {
        var (gone, foreign) = (Drive.MakeFile("gone", [1]), Drive.MakeFile("foreign", [2]));
        Start();
        await SettledAsync();
        Bucket.PutForeign("p/foreign", [3, 4]);
        Drive.Remove(gone);
        Drive.Remove(foreign);
        await SettledAsync();
        Assert.Equal(["p/foreign"], Bucket.Objects.Keys);
        Assert.Equal(1, Count("Delete"));
    }

    [Fact]
    public async Task A_deletion_under_way_never_meets_the_new_object_of_the_same_name()
    {
        var old = Drive.MakeFile("a", [1]);
        Start();
        await SettledAsync();
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        Bucket.Before = async (call, cancellation) =>
        {
            if (call.Operation != "Delete") return;
            reached.TrySetResult();
            await goOn.Task.WaitAsync(cancellation);
        };
        Drive.Remove(old);
        await UntilAsync(() => reached.Task.IsCompleted);
        var again = Drive.MakeFile("a", [2]);
        await UntilAsync(() => Node(again).Error is not null); // it says that it waits
        Assert.Equal([1], Bucket.Objects["p/a"].Bytes);
        goOn.SetResult();
        await SettledAsync();
        Assert.Equal([2], Bucket.Objects["p/a"].Bytes);
    }

    [Fact]
    public async Task A_rename_onto_a_foreign_object_is_a_conflict_and_nothing_is_lost()
    {
        var node = Drive.MakeFile("a", [1]);
        Start();
        await SettledAsync();
        Bucket.PutForeign("p/b", [9]);
        Drive.Rename(node, "b");
        await UntilAsync(() => Node(node).Problem == Problem.Conflict);
        Assert.Equal([9], Bucket.Objects["p/b"].Bytes);
        Assert.Equal([1], Bucket.Objects["p/a"].Bytes);
    }

    [Fact]
    public async Task A_rename_whose_source_was_replaced_sends_the_local_bytes_and_keeps_the_foreign_ones()
    {
        var node = Drive.MakeFile("a", [1]);
        Start();
        await SettledAsync();
        Bucket.PutForeign("p/a", [9]);
        Drive.Rename(node, "b");
        await SettledAsync();
        Assert.Equal([1], Bucket.Objects["p/b"].Bytes);
        Assert.Equal([9], Bucket.Objects["p/a"].Bytes);
    }

    [Fact]
    public async Task A_rename_whose_only_copy_was_replaced_says_so_and_touches_nothing()
    {
        var node = Drive.MakeFile("a", [1]);
        Start();
        await SettledAsync();
        Drive.Change(writer => writer.EvictContent(node));
        Bucket.PutForeign("p/a", [9]);
        Drive.Rename(node, "b");
        await UntilAsync(() => Node(node).Problem == Problem.Failed);
        Assert.Equal([9], Bucket.Objects["p/a"].Bytes);
        Assert.False(Bucket.Objects.ContainsKey("p/b"));
    }

    [Fact]
    public async Task A_store_that_cannot_forbid_overwriting_is_asked_first()
    {
        Bucket.Capabilities = Bucket.Capabilities with { ForbidOverwrite = false, ObjectCrc64 = false };
        Bucket.PutForeign("p/a", [9]);
        var (taken, free) = (Drive.MakeFile("a", [1]), Drive.MakeFile("b", TestDrive.Bytes(5 * Part, 1)));
        Start();
        await UntilAsync(() => Node(taken).Problem == Problem.Conflict && Node(free).Remote is not null);
        Assert.Equal([9], Bucket.Objects["p/a"].Bytes);
        Assert.Equal(Proof.PartChecksums, Node(free).Remote!.Proof);
    }
}
