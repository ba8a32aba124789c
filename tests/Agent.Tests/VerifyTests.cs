using SyncAgent.Agent.Repair;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>Receipts of a real journal beside a bucket in memory.</summary>
public sealed class VerifyTests : IDisposable
{
    private readonly TestDrive _drive = new(TimeProvider.System) { IsDurable = false };
    private readonly FakeObjectStore _store = new(TimeProvider.System);
    private readonly List<VerifiedObject> _reported = [];

    public void Dispose() => _drive.Dispose();

    [Fact]
    public async Task What_was_confirmed_and_is_there_costs_one_listing()
    {
        for (var i = 0; i < 5; i++) Confirm($"f{i}", [1, 2]);
        _store.PutForeign("of-others", [3]);

        var summary = await VerifyAsync();

        Assert.Equal((5, true), (summary.Objects, summary.IsFine));
        Assert.Empty(_reported);
        Assert.Equal(["List"], _store.Calls.Select(call => call.Operation));
    }

    [Fact]
    public async Task Missing_changed_and_damaged_are_told_apart()
    {
        Confirm("fine", [1]);
        Confirm("gone", [2]);
        Confirm("theirs", [3]);
        var rotten = Confirm("rotten", [4, 4]);
        _store.DeleteForeign("gone");
        _store.PutForeign("theirs", [9]);
        _store.Rot("rotten", [4, 5]);

        var quick = await VerifyAsync();
        Assert.Equal([("gone", VerifyFinding.Missing), ("theirs", VerifyFinding.Changed)], Findings());
        Assert.Equal((4, 2), (quick.Objects, quick.Findings[VerifyFinding.Same]));
        Assert.False(quick.IsFine);

        var deep = await VerifyAsync(deep: true);
        Assert.Equal(
            [("gone", VerifyFinding.Missing), ("rotten", VerifyFinding.Damaged), ("theirs", VerifyFinding.Changed)], Findings());
        Assert.Contains($"{rotten:x16}", _reported.Single(found => found.Key == "rotten").Reason, StringComparison.Ordinal);
        Assert.Equal(3, deep.Bytes);
    }

    [Fact]
    public async Task A_checksum_that_the_store_states_otherwise_is_damage_without_reading_a_byte()
    {
        Confirm("one", [1]);
        _store.Rot("one", [2]);
        var receipt = Assert.Single(_drive.Reader.StandingReceipts(_drive.Row.Id, "", "", 10));

        var (finding, _) = await new ContentProof(_store).LookAsync(receipt, CancellationToken.None);

        Assert.Equal(VerifyFinding.Damaged, finding);
    }

    [Fact]
    public async Task Pages_of_receipts_meet_pages_of_the_bucket()
    {
        const int Count = (2 * BucketVerifier.PageSize) + 7;
        var etags = Enumerable.Range(0, Count).ToDictionary(i => $"k{i:00000}", i => _store.PutForeign($"k{i:00000}", [1]).ETag);
        for (var i = 0; i < Count; i += 3) _store.PutForeign($"k{i:00000}x", [2]);
        Confirmed.ReceiptsOnly(_drive, etags.Select(pair => (pair.Key, pair.Value)));

        _store.DeleteForeign("k00999");
        _store.DeleteForeign($"k{Count - 1:00000}");

        var summary = await VerifyAsync();

        Assert.Equal(Count, summary.Objects);
        Assert.Equal(["k00999", $"k{Count - 1:00000}"], _reported.Select(found => found.Key));
        Assert.InRange(_store.Calls.Count, 5, 12);
    }

    [Fact]
    public async Task Few_receipts_in_a_large_bucket_are_asked_for_by_name()
    {
        for (var i = 0; i < 5000; i++) _store.PutForeign($"a{i:0000}", [1]);
        Confirm("a0000-ours", [1]);
        Confirm("z", [1]);

        Assert.True((await VerifyAsync()).IsFine);

        Assert.InRange(_store.Calls.Count(call => call.Operation == "List"), 1, 2);
        Assert.Equal("z", Assert.Single(_store.Calls, call => call.Operation == "Head").Key);
    }

    [Fact]
    public async Task What_is_given_up_or_overwritten_here_is_no_difference()
    {
        var removed = Confirm("removed", [1]);
        var node = _drive.MakeFile("kept", [1]);
        Confirmed.Receive(_drive, node, _store.PutForeign("kept", [1]));
        Assert.NotEqual(0ul, removed);
        _store.DeleteForeign("removed");
        _drive.Remove(_drive.Reader.NodeAtPath(_drive.Root, "removed")!.Id);

        // Closed anew and already sent: the confirmation is about to be committed.
        _drive.Write(node, [2]);
        _store.PutForeign("kept", [2]);

        var summary = await VerifyAsync();
        Assert.True(summary.IsFine);
        Assert.Equal(1, summary.Findings[VerifyFinding.Busy]);
        Assert.Empty(_reported);
    }

    [Fact]
    public async Task A_receipt_without_a_checksum_cannot_be_proved_by_bytes()
    {
        Confirm("one", [1], knowsCrc: false);
        Assert.True((await VerifyAsync()).IsFine);
        Assert.False((await VerifyAsync(deep: true)).IsFine);
        Assert.Equal(VerifyFinding.Unverifiable, Assert.Single(_reported).Finding);
    }

    [Fact]
    public async Task A_body_that_breaks_is_read_again_and_a_store_that_is_away_is_no_difference()
    {
        Confirm("one", [1]);
        var breaks = 2;
        _store.Body = (_, bytes) => breaks-- > 0 ? throw new StoreException(StoreErrorKind.Network, "cut") : bytes;
        Assert.True((await VerifyAsync(deep: true)).IsFine);

        _store.Before = (_, _) => throw new StoreException(StoreErrorKind.Network, "away");
        await Assert.ThrowsAsync<StoreException>(() => VerifyAsync());
        Assert.Empty(_reported);
    }

    [Fact]
    public void Receipts_stand_when_their_rows_rest_elsewhere_and_go_with_their_object()
    {
        Confirm("one", [1]);
        var node = _drive.Reader.NodeAtPath(_drive.Root, "one")!;
        Evict(node.Id);
        _drive.Change(writer => writer.Demote(node.Id, _drive.Reader.Node(node.Id)!.Changed));
        Assert.Null(_drive.Reader.Node(node.Id));
        Assert.NotNull(_drive.Reader.StandingReceipt(_drive.Row.Id, "one"));

        Confirm("two", [1]);
        var two = _drive.Reader.NodeAtPath(_drive.Root, "two")!;
        _drive.Remove(two.Id);
        Assert.Null(_drive.Reader.StandingReceipt(_drive.Row.Id, "two"));
        var doomed = _drive.Reader.Doomed(_drive.Row.Id, "two")!;
        _drive.Change(writer => writer.DropDoomed(doomed.Id));
        Assert.NotNull(_drive.Reader.StandingReceipt(_drive.Row.Id, "two"));
        _drive.Change(writer => writer.Doom(_drive.Row.Id, doomed.Remote, 0));
        _drive.Change(writer => writer.RemoveDoomed(_drive.Reader.Doomed(_drive.Row.Id, "two")!.Id));
        Assert.Empty(_drive.Reader.Receipts(_drive.Row.Id, "two", 10));
    }

    [Fact]
    public void Of_a_key_that_is_written_again_and_again_the_newest_receipts_are_kept()
    {
        for (var i = 0; i < Receipt.KeptPerKey + 5; i++) Confirm("log", [(byte)i]);
        var receipts = _drive.Reader.Receipts(_drive.Row.Id, "log", 100);
        Assert.Equal(Receipt.KeptPerKey, receipts.Count);
        Assert.Equal(receipts[0], Assert.Single(_drive.Reader.StandingReceipts(_drive.Row.Id, "", "", 10)));
    }

    private async Task<VerifySummary> VerifyAsync(bool deep = false)
    {
        _reported.Clear();
        return await new BucketVerifier(_store, _drive.Reader, _drive.Row, deep).RunAsync(
            "",
            found =>
            {
                _reported.Add(found);
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken);
    }

    private IEnumerable<(string, VerifyFinding)> Findings() => _reported.Select(found => (found.Key, found.Finding));

    private ulong Confirm(string key, byte[] bytes, bool knowsCrc = true) => Confirmed.Put(_drive, _store, key, bytes, knowsCrc);

    private void Evict(long node) => _drive.Change(writer => writer.EvictContent(node));
}
