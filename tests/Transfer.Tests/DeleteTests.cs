using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

/// <summary>Many keys are compared by listing and deleted together, each with its own end.</summary>
public sealed class DeleteTests : EngineTest
{
    private IReadOnlyList<DoomedKey> Tombstones => Drive.Reader.DoomedBelow(Drive.Row.Id, "p/");

    [Fact]
    public async Task Thousands_of_removed_objects_cost_a_listing_and_a_request_per_thousand()
    {
        Give(2500);
        Bucket.PutForeign("p/d/kept", [1]);
        Start();
        await SettledAsync();
        Assert.Equal(["p/d/kept"], Bucket.Objects.Keys);
        Assert.Equal(3, Count("DeleteMany"));
        Assert.InRange(Count("List"), 3, 6); // a page may end in the middle of a thousand
        Assert.Equal(0, Count("Head") + Count("Delete"));
    }

    [Fact]
    public async Task What_a_listing_shows_changed_is_looked_at_and_kept()
    {
        Give(40);
        Bucket.PutForeign("p/d/00007", [7, 7]);
        Bucket.DeleteForeign("p/d/00009");
        Start();
        await SettledAsync();
        Assert.Equal(["p/d/00007"], Bucket.Objects.Keys);
        Assert.Equal([new("Head", "p/d/00007"), new("Head", "p/d/00009")], Bucket.Calls.Where(call => call.Operation == "Head").OrderBy(call => call.Key));
    }

    [Fact]
    public async Task The_same_bytes_under_another_etag_are_deleted()
    {
        Give(20, etag: "from a copy in parts");
        Start();
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
        Assert.Equal(20, Count("Head"));
    }

    [Fact]
    public async Task A_few_keys_are_not_worth_a_listing()
    {
        Give(3);
        Start();
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
        Assert.Equal((0, 3, 1), (Count("List"), Count("Head"), Count("DeleteMany")));
    }

    [Fact]
    public async Task Keys_strewn_among_others_are_looked_at_one_by_one()
    {
        for (var i = 0; i < 20_000; i++) Bucket.PutForeign($"p/d/{i:D5}x", []);
        Give(20, step: 1000);
        Start();
        await SettledAsync();
        Assert.Equal(20_000, Bucket.Objects.Count);
        Assert.Equal(1, Count("List"));
        Assert.InRange(Count("Head"), 18, 20);
    }

    [Fact]
    public async Task A_user_who_may_not_list_may_still_delete()
    {
        Give(20);
        Refuse(StoreErrorKind.AccessDenied, call => call.Operation == "List");
        Start();
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
    }

    [Fact]
    public async Task Of_many_keys_each_keeps_its_own_error()
    {
        Give(20);
        Bucket.RefuseDelete = key => key switch
        {
            "p/d/00003" => new StoreException(StoreErrorKind.Refused, "retained by a rule") { RequestId = "r3" },
            "p/d/00004" => new StoreException(StoreErrorKind.AccessDenied, "not yours") { RequestId = "r4" },
            _ => null,
        };
        Start();
        await UntilAsync(() => Bucket.Objects.Count == 2 && Tombstones is [{ Attempts: 1 }, { Attempts: 1 }]);
        Assert.Equal(
            [("p/d/00003", Problem.Failed, true), ("p/d/00004", Problem.None, true)],
            Tombstones.Select(row => (row.Key, row.Problem, row.Error!.Contains(row.Key == "p/d/00003" ? "retained" : "not yours", StringComparison.Ordinal))));

        Bucket.RefuseDelete = _ => null;
        Engine.Wake();
        await UntilAsync(() => Tombstones is [{ Key: "p/d/00003" }]); // what was refused for good waits for somebody
        Assert.Equal(["p/d/00003"], Bucket.Objects.Keys);
    }

    [Fact]
    public async Task A_key_that_may_not_be_looked_at_holds_up_no_other()
    {
        Give(3);
        Refuse(StoreErrorKind.AccessDenied, call => call == new TestKit.FakeCall("Head", "p/d/00001"));
        Start();
        await UntilAsync(() => Tombstones is [{ Key: "p/d/00001", Attempts: > 0 }]);
        Assert.Equal(["p/d/00001"], Bucket.Objects.Keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_reply_or_request_is_repeated(bool carriedOut)
    {
        Give(20);
        var lost = 0;
        Task LoseOnce(string operation) => operation == "DeleteMany" && Interlocked.Exchange(ref lost, 1) == 0
            ? throw new StoreException(StoreErrorKind.Network, "connection reset") { MayHaveSucceeded = true }
            : Task.CompletedTask;
        if (carriedOut) Bucket.After = call => LoseOnce(call.Operation);
        else Bucket.Before = (call, _) => LoseOnce(call.Operation);
        Start();
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
    }

    [Fact]
    public async Task A_stop_in_the_middle_leaves_tombstones_and_the_next_run_ends_it()
    {
        Give(20);
        Hold(call => call.Operation == "DeleteMany");
        Start();
        await UntilAsync(() => Count("DeleteMany") == 1);
        await StopAsync();
        Assert.Equal(20, Tombstones.Count);
        Bucket.Before = null;
        Start();
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
    }

    [Fact]
    public async Task An_object_that_is_still_read_is_deleted_after_the_last_handle()
    {
        Give(2);
        var read = Tombstones[0].Remote;
        var pin = Drive.Journal.KeyPins.Pin(Drive.Row.Id, read.Key, read.ETag!);
        Start();
        await UntilWithClockAsync(() => Bucket.Objects.Count == 1);
        var over = Drive.MakeFile("00000", [3], Drive.MakeDirectory("d"));
        await UntilWithClockAsync(() => Node(over).Error?.Contains("still reads", StringComparison.Ordinal) == true);
        Assert.Equal(read.ETag, Bucket.Objects[read.Key].ETag);
        pin.Dispose();
        await SettledAsync();
        Assert.Equal([3], Bucket.Objects[read.Key].Bytes);
    }

    private void Give(int count, int step = 1, string? etag = null) => Drive.Change(writer =>
    {
        for (var i = 0; i < count; i++)
        {
            var key = $"p/d/{i * step:D5}";
            var made = Bucket.PutForeign(key, [1, (byte)i]);
            writer.Doom(Drive.Row.Id, new RemoteState(key, etag ?? made.ETag, null, made.Crc64, 2, 0, null, 0, Proof.Listed), Drive.Now);
        }
    });
}
