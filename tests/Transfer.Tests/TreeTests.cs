using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

public sealed class TreeTests : EngineTest
{
    [Fact]
    public async Task Two_files_exchange_their_names_without_being_sent_again()
    {
        var (a, b) = (Drive.MakeFile("a", [1]), Drive.MakeFile("b", [2]));
        Start();
        await SettledAsync();
        Drive.Exchange(a, b);
        await SettledAsync();
        Assert.Equal([2], Bucket.Objects["p/a"].Bytes);
        Assert.Equal([1], Bucket.Objects["p/b"].Bytes);
        Assert.Equal(2, Bucket.Objects.Count);
        Assert.Equal((2, 3), (Count("Put"), Count("Copy")));
    }

    [Fact]
    public async Task Three_names_in_a_circle_need_one_copy_more_than_names()
    {
        var (a, b, c) = (Drive.MakeFile("a", [1]), Drive.MakeFile("b", [2]), Drive.MakeFile("c", [3]));
        Start();
        await SettledAsync();
        Drive.Exchange(a, b);
        Drive.Exchange(a, c); // a stands at c, b at a, c at b
        await SettledAsync();
        Assert.Equal([[2], [3], [1]], new[] { "p/a", "p/b", "p/c" }.Select(key => Bucket.Objects[key].Bytes));
        Assert.Equal(3, Bucket.Objects.Count);
    }

    [Fact]
    public async Task A_renamed_directory_moves_its_objects_by_copy()
    {
        var directory = Drive.MakeDirectory("d");
        Drive.MakeFile("x", [1], directory);
        Drive.MakeFile("y", TestDrive.Bytes(5 * Part, 2), directory);
        Start();
        await SettledAsync();
        Drive.Rename(directory, "e");
        await SettledAsync();
        Assert.Equal(["p/e/", "p/e/x", "p/e/y"], Bucket.Objects.Keys.Order());
        Assert.Equal((2, 1), (Count("Copy"), Count("Initiate")));
    }

    [Fact]
    public async Task Renaming_a_pending_tree_never_makes_the_old_keys()
    {
        Hold(call => true);
        var directory = Drive.MakeDirectory("d");
        Drive.MakeFile("x", [1], directory);
        Drive.Rename(directory, "e");
        Bucket.Before = null;
        Start();
        await SettledAsync();
        Assert.Equal(["p/e/", "p/e/x"], Bucket.Objects.Keys.Order());
        Assert.DoesNotContain(Bucket.Calls, call => call.Key.StartsWith("p/d", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_safe_save_over_the_old_name_keeps_the_new_content()
    {
        var old = Drive.MakeFile("doc", [1]);
        Start();
        await SettledAsync();
        var temporary = Drive.MakeFile("doc.tmp", [2]);
        await SettledAsync();
        Drive.Remove(old);
        Drive.Rename(temporary, "doc");
        await SettledAsync();
        Assert.Equal([2], Assert.Single(Bucket.Objects).Value.Bytes);
        Assert.Equal(2, Count("Put"));
    }

    [Fact]
    public async Task A_large_object_is_renamed_by_a_multipart_copy()
    {
        Bucket.Capabilities = Bucket.Capabilities with { MaxCopySize = 2 * Part };
        var bytes = TestDrive.Bytes(5 * Part, 3);
        var node = Drive.MakeFile("a", bytes);
        Start();
        await SettledAsync();
        Drive.Rename(node, "b");
        await SettledAsync();
        Assert.Equal(bytes, Assert.Single(Bucket.Objects).Value.Bytes);
        Drive.Chmod(node, 0x1C0);
        await SettledAsync();
        Assert.Equal("33216", Bucket.Objects["p/b"].Metadata["mode"]);
        Assert.Equal((5, 0, 6), (Count("Part"), Count("Copy"), Count("PartCopy")));
        Assert.Empty(Bucket.OpenUploads);
    }

    [Fact]
    public async Task A_partial_overwrite_fetches_only_what_it_needs()
    {
        var bytes = TestDrive.Bytes(5 * Part, 3);
        var node = Drive.MakeFile("a", bytes);
        Start();
        await SettledAsync();
        Drive.Change(writer => writer.EvictContent(node));
        var patch = TestDrive.Bytes(1000, 5);
        var generation = Drive.WriteOver(node, 4321, patch, bytes.Length);
        await SettledAsync();
        patch.CopyTo(bytes, 4321);
        Assert.Equal(bytes, Bucket.Objects["p/a"].Bytes);
        Assert.Equal(BaseKind.None, Drive.Reader.Generation(generation)!.Base);
        Assert.Equal(2, Count("Get"));
    }

    [Theory]
    [InlineData(true, "is gone")]
    [InlineData(false, "was replaced")]
    public async Task A_partial_overwrite_whose_base_is_lost_fails_with_its_reason(bool deleted, string reason)
    {
        var node = Drive.MakeFile("a", TestDrive.Bytes(1000, 3));
        Start();
        await SettledAsync();
        Drive.Change(writer => writer.EvictContent(node));
        if (deleted) Bucket.DeleteForeign("p/a");
        else Bucket.PutForeign("p/a", [1]);
        Drive.WriteOver(node, 10, [1, 2, 3], 1000);
        await UntilAsync(() => Node(node).Problem == Problem.Failed);
        Assert.Contains(reason, Node(node).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fetch_that_broke_off_is_repeated_after_a_restart()
    {
        var bytes = TestDrive.Bytes(1000, 3);
        var node = Drive.MakeFile("a", bytes);
        Start();
        await SettledAsync();
        Drive.Change(writer => writer.EvictContent(node));
        await StopAsync();
        Drive.WriteOver(node, 500, [1, 2, 3], 1000);
        var gets = 0;
        Bucket.Before = (call, _) => call.Operation == "Get" && ++gets == 2
            ? throw new StoreException(StoreErrorKind.Network, "cut") : Task.CompletedTask;
        Start();
        await UntilAsync(() => Node(node).Attempts == 1);
        await StopAsync();
        Start();
        await SettledAsync();
        byte[] patch = [1, 2, 3];
        patch.CopyTo(bytes, 500);
        Assert.Equal(bytes, Bucket.Objects["p/a"].Bytes);
    }

    [Fact]
    public async Task An_object_that_an_overlay_stands_on_is_not_deleted_under_it()
    {
        var bytes = TestDrive.Bytes(1000, 3);
        var node = Drive.MakeFile("a", bytes);
        Start();
        await SettledAsync();
        Drive.Change(writer => writer.EvictContent(node));
        await StopAsync();
        Drive.WriteOver(node, 10, [7], 1000);
        Drive.Rename(node, "b");
        Start();
        await SettledAsync();
        bytes[10] = 7;
        Assert.Equal(bytes, Assert.Single(Bucket.Objects).Value.Bytes);
    }
}
