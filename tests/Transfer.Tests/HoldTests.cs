using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>Files that the user holds back one by one, or whose upload he ends.</summary>
public sealed class HoldTests : EngineTest
{
    private readonly byte[] _bytes = TestDrive.Bytes((8 * Part) + 77, 7);

    [Fact]
    public async Task A_held_file_waits_and_the_others_go_on_also_after_a_restart()
    {
        var held = Drive.MakeFile("held", [1]);
        Start();
        await UntilAsync(() => Bucket.Objects.ContainsKey("p/held") && IsQuiet);
        Engine.Hold([held]);
        var newer = Drive.Write(held, [2]);
        Drive.MakeFile("other", [3]);
        await UntilWithClockAsync(() => Bucket.Objects.ContainsKey("p/other") && Engine.Active.Count == 0);
        await StopAsync();
        Drive.MakeFile("another", [4]);
        Start();
        await UntilWithClockAsync(() => Bucket.Objects.ContainsKey("p/another") && Engine.Active.Count == 0);
        Assert.Equal([1], Bucket.Objects["p/held"].Bytes);
        Assert.Equal((FileState.Paused, newer), (FileStates.Of(Node(held), null, false, false, Drive.Journal.DurableSequence), Node(held).Content));
        Assert.Equal(1, Drive.Reader.Counts(Drive.Row.Id).Pending);

        Engine.Release([held]);
        await SettledAsync();
        Assert.Equal([2], Bucket.Objects["p/held"].Bytes);
        Assert.Equal(FileState.Synced, FileStates.Of(Node(held), null, false, false, Drive.Journal.DurableSequence));
    }

    [Fact]
    public async Task A_held_folder_waits_and_what_is_in_it_and_not_held_goes_on()
    {
        var folder = Drive.MakeDirectory("folder");
        var held = Drive.MakeFile("held", [1], folder);
        Drive.Change(writer =>
        {
            writer.Hold(folder, cancelled: false);
            writer.Hold(held, cancelled: false);
        });
        Drive.MakeFile("later", [2], folder);
        Start();
        await UntilWithClockAsync(() => Bucket.Objects.ContainsKey("p/folder/later") && Engine.Active.Count == 0);
        Assert.Equal(["p/folder/later"], Bucket.Objects.Keys);

        Engine.Release([folder, held]);
        await SettledAsync();
        Assert.Equal(["p/folder/", "p/folder/held", "p/folder/later"], Bucket.Objects.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_held_upload_stays_open_and_goes_on_with_the_missing_parts()
    {
        var node = Drive.MakeFile("big", _bytes);
        Hold(call => call.Part == 2);
        Start();
        await UntilAsync(() => Uploads() is [var upload, ..] && Drive.Reader.Parts(upload.Id).Count == 8);
        Engine.Hold([node]);
        await UntilAsync(() => Engine.Active.Count == 0);
        Bucket.Before = null;
        Assert.Single(Bucket.OpenUploads);
        Assert.Equal(0, Count("Abort"));
        var before = Bucket.Calls.Count;
        await StopAsync();
        Start();

        Engine.Release([node]);
        await SettledAsync();

        Assert.Equal([2], Bucket.Calls.Skip(before).Where(call => call.Operation == "Part").Select(call => call.Part));
        Assert.Equal(1, Count("Initiate"));
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
    }

    [Fact]
    public async Task A_cancelled_upload_is_aborted_and_begins_anew_when_it_goes_on()
    {
        var node = Drive.MakeFile("big", _bytes);
        Hold(call => call.Part == 2);
        Start();
        await UntilAsync(() => Uploads() is [var upload, ..] && Drive.Reader.Parts(upload.Id).Count == 8);

        Engine.Cancel(node);

        await UntilWithClockAsync(() => Bucket.OpenUploads.Count == 0 && Uploads().Count == 0);
        Bucket.Before = null;
        Assert.Equal(FileState.Paused, FileStates.Of(Node(node), null, false, false, Drive.Journal.DurableSequence));
        Assert.Equal(HistoryKind.Cancelled, Drive.Reader.History(null, null, 1)[0].What);
        Assert.Empty(Bucket.Objects);
        Engine.Release([node]);
        await SettledAsync();
        Assert.Equal(2, Count("Initiate"));
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
    }

    [Fact]
    public async Task What_a_kill_left_of_a_cancelled_upload_is_aborted_at_the_next_start()
    {
        var node = Drive.MakeFile("big", _bytes);
        await SendSomePartsAsync(8, call => call.Part == 2);
        Drive.Change(writer => writer.Hold(node, cancelled: true)); // and dead before anything came of it
        Start();
        await UntilWithClockAsync(() => Bucket.OpenUploads.Count == 0 && Uploads().Count == 0);
        Assert.Empty(Bucket.Objects);
    }

    [Fact]
    public async Task A_held_file_that_is_renamed_and_removed_keeps_nobody_waiting()
    {
        var node = Drive.MakeFile("old", [1]);
        Start();
        await SettledAsync();
        Engine.Hold([node]);
        Drive.Rename(node, "new");
        Drive.Remove(node);
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
    }

    [Fact]
    public async Task What_happens_to_objects_is_kept_as_history()
    {
        var node = Drive.MakeFile("a", [1, 2]);
        Drive.MakeDirectory("folder");
        Start();
        await SettledAsync();
        Drive.Rename(node, "b");
        await SettledAsync();
        Drive.Chmod(node, 0x180);
        await SettledAsync();
        Drive.Remove(node);
        await SettledAsync();
        Refuse(StoreErrorKind.InvalidName, call => call.Operation == "Put");
        Drive.MakeFile("refused", [1]);
        await UntilWithClockAsync(() => Drive.Reader.Counts(Drive.Row.Id).Problems == 1);

        var history = Drive.Reader.History(null, null, 10).Reverse().ToList();

        Assert.Equal(
            [(HistoryKind.Uploaded, "p/a"), (HistoryKind.Copied, "p/b"), (HistoryKind.Updated, "p/b"), (HistoryKind.Deleted, "p/b"), (HistoryKind.Failed, "p/refused")],
            history.Select(row => (row.What, row.Key)));
        Assert.Equal(2, history[0].Size);
        Assert.Contains("refused by the test", history[^1].Reason, StringComparison.Ordinal);
        Assert.Equal(["p/b", "p/a"], Drive.Reader.RecentUploads(Drive.Row.Id, 10).Select(row => row.Key));
    }
}
