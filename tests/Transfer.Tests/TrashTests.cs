using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>With a trash, nothing that the user removed is deleted before its copy is confirmed.</summary>
public sealed class TrashTests : EngineTest
{
    private const string Trash = ".syncagent/trash/";

    public TrashTests() => Options = Options with { Trash = Trash };

    private List<KeyValuePair<string, FakeObject>> Kept => [.. Bucket.Objects.Where(pair => pair.Key.StartsWith("p/" + Trash, StringComparison.Ordinal))];

    [Fact]
    public async Task A_removed_file_is_in_the_trash_under_its_time_and_path()
    {
        var folder = Drive.MakeDirectory("d");
        var file = Drive.MakeFile("a b", [1, 2], folder);
        Start();
        await SettledAsync();
        var removed = Time.GetUtcNow();
        Drive.Remove(file);
        Drive.Remove(folder);
        await SettledAsync();
        var (key, kept) = Assert.Single(Bucket.Objects); // the folder's marker holds nothing to keep
        Assert.Equal($"p/{Trash}{removed:yyyy-MM-dd'T'HH-mm-ss'Z'}/d/a b", key);
        Assert.Equal([1, 2], kept.Bytes);
        Assert.Equal("33188", kept.Metadata["mode"]);
    }

    [Fact]
    public async Task What_a_renamed_file_replaces_is_kept_first_and_an_upload_keeps_nothing()
    {
        var (a, b) = (Drive.MakeFile("a", [1]), Drive.MakeFile("b", [2]));
        Start();
        await SettledAsync();
        var keptBefore = false;
        Bucket.Before = (call, _) =>
        {
            if (call == new FakeCall("Copy", "p/a")) keptBefore = Kept.Count == 1;
            return Task.CompletedTask;
        };
        Drive.Change(writer =>
        {
            writer.RemoveNode(a, null, Drive.Now);
            writer.MoveNode(b, Drive.Root, "a", 0, Drive.Now);
        });
        await SettledAsync();
        Assert.True(keptBefore);
        Assert.Equal([1], Assert.Single(Kept).Value.Bytes);
        Assert.Equal([2], Bucket.Objects["p/a"].Bytes);
        Assert.False(Bucket.Objects.ContainsKey("p/b"));

        Drive.Write(b, [3]);
        await SettledAsync();
        Assert.Equal([3], Bucket.Objects["p/a"].Bytes);
        Assert.Single(Kept);
    }

    [Fact]
    public async Task Nothing_is_deleted_while_it_cannot_be_copied()
    {
        var files = Enumerable.Range(0, 3).Select(i => Drive.MakeFile($"{i}", [(byte)i])).ToList();
        Start();
        await SettledAsync();
        Refuse(StoreErrorKind.AccessDenied, call => call.Operation == "Copy" && call.Key.EndsWith("/1", StringComparison.Ordinal));
        foreach (var file in files) Drive.Remove(file);
        await UntilWithClockAsync(() => Kept.Count == 2 && Drive.Reader.DoomedBelow(Drive.Row.Id, "p/") is [{ Attempts: > 0 }]);
        Assert.Equal([1], Bucket.Objects["p/1"].Bytes);
        Bucket.Before = null;
        Engine.Wake();
        await SettledAsync();
        Assert.Equal(3, Bucket.Objects.Count);
        Assert.Equal(3, Kept.Count);
    }

    [Fact]
    public async Task A_stop_between_copy_and_deletion_keeps_one_copy()
    {
        var file = Drive.MakeFile("a", [1]);
        Start();
        await SettledAsync();
        Hold(call => call.Operation == "Delete");
        Drive.Remove(file);
        await UntilWithClockAsync(() => Count("Delete") == 1);
        await StopAsync();
        Bucket.Before = null;
        Start();
        await SettledAsync();
        Assert.Equal([1], Assert.Single(Bucket.Objects).Value.Bytes);
        Assert.Single(Kept);
    }

    [Fact]
    public async Task Two_files_of_one_name_removed_in_one_second_are_both_kept()
    {
        for (byte version = 1; version <= 2; version++)
        {
            var made = Bucket.PutForeign("p/a", [version]);
            Drive.Change(writer => writer.Doom(Drive.Row.Id, new RemoteState("p/a", made.ETag, null, made.Crc64, 1, 0, null, 0, Proof.Listed), 5_000));
            Start();
            await SettledAsync();
            await StopAsync();
        }

        Assert.Equal([[1], [2]], Kept.Select(pair => pair.Value.Bytes));
    }

    [Fact]
    public async Task A_large_object_is_copied_in_parts_and_a_stop_leaves_no_upload_behind()
    {
        Bucket.Capabilities = Bucket.Capabilities with { MaxCopySize = Part * 2, MinPartSize = Part };
        var bytes = TestDrive.Bytes((Part * 5) + 1, 1);
        var file = Drive.MakeFile("large", bytes);
        Start();
        await SettledAsync();
        Hold(call => call is { Operation: "PartCopy", Part: 2 });
        Drive.Remove(file);
        await UntilWithClockAsync(() => Count("PartCopy") >= 2);
        await StopAsync();
        Assert.Single(Bucket.OpenUploads);
        Bucket.Before = null;
        Start();
        await SettledAsync();
        await UntilWithClockAsync(() => Bucket.OpenUploads.Count == 0);
        Assert.Equal(bytes, Assert.Single(Bucket.Objects).Value.Bytes);
        Assert.Single(Kept);
    }

    [Fact]
    public async Task A_name_too_long_for_the_trash_is_not_deleted_and_says_so()
    {
        var name = new string('n', 250);
        var folder = Drive.Root;
        for (var i = 0; i < 3; i++) folder = Drive.MakeDirectory(name, folder);
        var file = Drive.MakeFile(name, [1], folder);
        Start();
        await SettledAsync();
        Drive.Remove(file);
        await UntilWithClockAsync(() => Drive.Reader.TroubledDeletes(Drive.Row.Id, 10).Count == 1);
        Assert.Contains("too long", Drive.Reader.TroubledDeletes(Drive.Row.Id, 10)[0].Error, StringComparison.Ordinal);
        Assert.Contains(Bucket.Objects, pair => pair.Value.Bytes is [1]);
    }
}
