using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>Unchanged parts are copied on the server and not sent again.</summary>
public sealed class UnchangedPartsTests : EngineTest
{
    private readonly byte[] _bytes = TestDrive.Bytes((8 * Part) + 77, 7);

    [Theory]
    [InlineData(CopyChecksums.InReply)]
    [InlineData(CopyChecksums.InListing)]
    public async Task Only_the_parts_that_changed_are_sent(CopyChecksums checksums)
    {
        Bucket.CopyChecksums = checksums;
        Bucket.PartsPageSize = 3;
        var node = await SyncedAsync();
        var before = Bucket.Calls.Count;
        Patch(node, (3 * Part) + 5, [1, 2, 3]);
        await SettledAsync();
        Assert.Equal([4], Numbers("Part", before));
        Assert.Equal([1, 2, 3, 5, 6, 7, 8, 9], Numbers("PartCopy", before));
        AssertSynced(node);
    }

    [Theory]
    [InlineData("append", new[] { 9, 10 })]
    [InlineData("cut", new int[0])]
    [InlineData("cut and grown", new[] { 6, 7, 8, 9 })]
    [InlineData("zeros", new[] { 2, 3 })]
    [InlineData("over an edge", new[] { 5, 6 })]
    public async Task Changes_of_every_kind_send_what_they_touch(string change, int[] sent)
    {
        var node = await SyncedAsync();
        var before = Bucket.Calls.Count;
        var more = TestDrive.Bytes(Part, 8);
        var generation = Drive.Overlay(node, overlay =>
        {
            switch (change)
            {
                case "append": overlay.Write(_bytes.Length, more); break;
                case "cut": overlay.Truncate((5 * Part) + 11); break;
                case "cut and grown": overlay.Truncate((5 * Part) + 11); overlay.Truncate(_bytes.Length); break;
                case "zeros": overlay.Write(Part + 100, new byte[Part]); break;
                default: overlay.Write((5 * Part) - 1, [1, 2]); break;
            }
        });
        var expected = Drive.ReadContent(generation);
        await SettledAsync();
        Assert.Equal(sent, Numbers("Part", before));
        Assert.Equal(Enumerable.Range(1, new PartPlan(expected.Length, Part).Count).Except(sent), Numbers("PartCopy", before));
        Assert.Equal(expected, Bucket.Objects["p/big"].Bytes);
        Assert.Equal(Proof.Crc64, Node(node).Remote!.Proof);
    }

    [Fact]
    public async Task Changes_before_the_upload_add_up()
    {
        var node = await SyncedAsync();
        await StopAsync();
        var before = Bucket.Calls.Count;
        Patch(node, 10, [1]);
        Patch(node, (6 * Part) + 10, [2]);
        Patch(node, (2 * Part) + 10, [3]);
        Start();
        await SettledAsync();
        Assert.Equal([1, 3, 7], Numbers("Part", before));
        AssertSynced(node);

        before = Bucket.Calls.Count;
        Patch(node, (4 * Part) + 10, [4]);
        await SettledAsync();
        Assert.Equal([5], Numbers("Part", before));
        AssertSynced(node);
    }

    [Fact]
    public async Task Whatever_is_changed_between_uploads_the_bucket_gets_it_and_copies_carry_most()
    {
        var node = await SyncedAsync();
        var random = new Random(20);
        for (var round = 0; round < 25; round++)
        {
            if (round % 5 == 4) await StopAsync();
            for (var changes = random.Next(1, 3); changes > 0; changes--)
            {
                Drive.Overlay(node, overlay =>
                {
                    var offset = random.Next(_bytes.Length);
                    if (random.Next(6) == 0) overlay.Truncate(Math.Max(5 * Part, offset));
                    overlay.Write(offset, TestDrive.Bytes(random.Next(1, Part), random.Next()));
                });
                if (random.Next(2) == 0) Drive.JoinBase(node);
            }

            var expected = Drive.ReadContent(Node(node).Content!.Value);
            if (round % 5 == 4) Start();
            await SettledAsync();
            Assert.True(expected.AsSpan().SequenceEqual(Bucket.Objects["p/big"].Bytes), $"round {round}");
        }

        Assert.True(Count("PartCopy") > Count("Part"), $"{Count("PartCopy")} copied, {Count("Part")} sent");
    }

    [Fact]
    public async Task A_change_of_more_than_half_is_simply_sent()
    {
        var node = await SyncedAsync();
        Drive.Overlay(node, overlay =>
        {
            for (var part = 0; part < 5; part++) overlay.Write((part * Part) + 9, [9]);
        });
        await SettledAsync();
        Assert.Equal(0, Count("PartCopy"));
        Assert.Equal(18, Count("Part"));
    }

    [Fact]
    public async Task A_renamed_and_changed_file_copies_from_its_former_name()
    {
        var node = await SyncedAsync();
        await StopAsync();
        var before = Bucket.Calls.Count;
        Patch(node, 10, [1]);
        Drive.Rename(node, "other");
        Start();
        await SettledAsync();
        Assert.Equal([1], Numbers("Part", before));
        Assert.Equal(["p/other"], Bucket.Objects.Keys);
        Assert.Equal(_bytes, Bucket.Objects["p/other"].Bytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_file_that_only_the_bucket_has_the_unchanged_parts_are_fetched_and_not_sent_again(bool isOurs)
    {
        var node = isOurs ? await SyncedAsync() : Drive.Journal.NewId();
        if (isOurs)
        {
            await StopAsync();
            Drive.Change(writer => writer.EvictContent(node));
        }
        else
        {
            var foreign = Bucket.PutForeign("p/big", [.. _bytes]);
            var remote = new RemoteState("p/big", foreign.ETag, null, null, _bytes.Length, 1, null, 0, Proof.Listed);
            Drive.Change(writer => writer.PutNode(
                Drive.Node(node, Drive.Root, "big", NodeType.File) with { Pending = false, Size = _bytes.Length, Remote = remote }));
        }

        Drive.WriteOver(node, (2 * Part) + 3, [1, 2, 3], _bytes.Length);
        ((byte[])[1, 2, 3]).CopyTo(_bytes, (2 * Part) + 3);
        var before = Bucket.Calls.Count;
        Start();
        await SettledAsync();
        Assert.Equal([3], Numbers("Part", before));
        AssertSynced(node);
    }

    [Fact]
    public async Task Without_a_checksum_of_the_whole_object_all_is_sent()
    {
        Bucket.Capabilities = Bucket.Capabilities with { ObjectCrc64 = false };
        var node = await SyncedAsync();
        Patch(node, 10, [1]);
        await SettledAsync();
        Assert.Equal((18, 0), (Count("Part"), Count("PartCopy")));
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
    }

    [Fact]
    public async Task Copies_without_checksums_prove_nothing_and_are_not_tried_again()
    {
        Bucket.CopyChecksums = CopyChecksums.Nowhere;
        var node = await SyncedAsync();
        var before = Bucket.Calls.Count;
        Patch(node, 10, [1]);
        await SettledAsync();
        Assert.Equal(Enumerable.Range(1, 9), Numbers("Part", before));
        AssertSynced(node);

        before = Bucket.Calls.Count;
        Patch(node, 20, [1]);
        await SettledAsync();
        Assert.Empty(Numbers("PartCopy", before));
        AssertSynced(node);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_assembled_object_that_is_not_proved_is_sent_once_more_all_of_it(bool isStated)
    {
        var node = await SyncedAsync();
        var before = Bucket.Calls.Count;
        var wrong = 1;
        Bucket.StateCrc = crc => Interlocked.Exchange(ref wrong, 0) == 0 ? crc : isStated ? ~crc : null;
        Patch(node, 10, [1]);
        await SettledAsync();
        Assert.Equal(Enumerable.Range(1, 9).Append(1).Order(), Numbers("Part", before));
        Assert.Equal(8, Numbers("PartCopy", before).Count);
        AssertSynced(node);
    }

    [Fact]
    public async Task An_assembled_object_without_a_checksum_is_not_believed_after_a_kill_either()
    {
        var node = await SyncedAsync();
        Bucket.StateCrc = _ => null;
        LoseReply("Complete");
        Bucket.Before = (call, token) => call.Operation == "Head" && Count("Complete") == 2 ? Task.Delay(Timeout.InfiniteTimeSpan, token) : Task.CompletedTask;
        Patch(node, 10, [1]);
        await UntilAsync(() => Bucket.Calls is [.., { Operation: "Head" }] && Count("Complete") == 2);
        await StopAsync();
        (Bucket.Before, Bucket.StateCrc) = (null, crc => crc);
        var before = Bucket.Calls.Count;
        Start();
        await SettledAsync();
        Assert.Equal(Enumerable.Range(1, 9), Numbers("Part", before));
        AssertSynced(node);
    }

    [Fact]
    public async Task A_log_that_tells_too_little_costs_a_full_upload_and_nothing_wrong_is_published()
    {
        var node = await SyncedAsync();
        await StopAsync();
        Patch(node, 10, [1]);
        Drive.JoinBase(node);
        var generation = Drive.Reader.Generation(Node(node).Content!.Value)!;
        using (var log = StagingFile.OpenForWriting(Drive.Journal.Files.MapOf(generation.Staging))) RandomAccess.SetLength(log, 0);
        var before = Bucket.Calls.Count;
        Start();
        await SettledAsync();
        Assert.Equal([1], Numbers("Part", before)); // the copy of part 1 was not what is here
        Assert.Equal(1, Bucket.Calls.Skip(before).Count(call => call.Operation == "Complete"));
        AssertSynced(node);
    }

    [Fact]
    public async Task An_object_that_is_replaced_between_two_copies_is_a_conflict_before_anything_is_sent()
    {
        var node = await SyncedAsync();
        var before = Bucket.Calls.Count;
        Bucket.Before = (call, _) =>
        {
            if (call is { Operation: "PartCopy", Part: 6 }) Bucket.PutForeign("p/big", [1, 2, 3]);
            return Task.CompletedTask;
        };
        Patch(node, 10, [1]);
        await UntilAsync(() => Node(node).Problem == Problem.Conflict && Bucket.OpenUploads.Count == 0);
        Assert.Equal([1, 2, 3], Bucket.Objects["p/big"].Bytes);
        Assert.Empty(Numbers("Part", before));
    }

    [Fact]
    public async Task An_object_that_is_deleted_between_two_copies_is_sent_from_here()
    {
        var node = await SyncedAsync();
        Bucket.Before = (call, _) =>
        {
            if (call is { Operation: "PartCopy", Part: 6 }) Bucket.DeleteForeign("p/big");
            return Task.CompletedTask;
        };
        Patch(node, 10, [1]);
        await SettledAsync();
        AssertSynced(node);
    }

    [Fact]
    public async Task Keys_that_may_not_read_send_all()
    {
        var node = await SyncedAsync();
        var before = Bucket.Calls.Count;
        Refuse(StoreErrorKind.AccessDenied, call => call.Operation == "PartCopy");
        Patch(node, 10, [1]);
        await SettledAsync();
        Assert.Equal(Enumerable.Range(1, 9), Numbers("Part", before));
        AssertSynced(node);
    }

    [Fact]
    public async Task Copied_parts_are_kept_over_a_restart()
    {
        var node = await SyncedAsync();
        Hold(call => call is { Operation: "PartCopy", Part: 5 });
        Patch(node, 10, [1]);
        await UntilAsync(() => Engine.Active is [{ Transferred: (6 * Part) + 77 }]);
        await StopAsync();
        Bucket.Before = null;
        var before = Bucket.Calls.Count;
        Start();
        await SettledAsync();
        Assert.Equal([5], Numbers("PartCopy", before));
        Assert.Equal([1], Numbers("Part", before));
        AssertSynced(node);
    }

    [Fact]
    public async Task A_kill_between_the_copies_and_Complete_sends_and_copies_nothing_again()
    {
        var node = await SyncedAsync();
        Hold(call => call.Operation == "Complete");
        Patch(node, 10, [1]);
        await UntilAsync(() => Count("Complete") == 2);
        await StopAsync();
        Bucket.Before = null;
        var before = Bucket.Calls.Count;
        Start();
        await SettledAsync();
        Assert.Empty(Numbers("PartCopy", before));
        Assert.Empty(Numbers("Part", before));
        AssertSynced(node);
    }

    [Fact]
    public async Task A_change_while_copying_begins_anew()
    {
        var node = await SyncedAsync();
        Hold(call => call is { Operation: "PartCopy", Part: 5 });
        Patch(node, 10, [1]);
        await UntilAsync(() => Bucket.Calls.Any(call => call is { Operation: "PartCopy", Part: 5 }));
        Patch(node, (4 * Part) + 1, [7]);
        await UntilAsync(() => Count("Abort") == 1);
        Bucket.Before = null;
        var before = Bucket.Calls.Count;
        await SettledAsync();
        Assert.Equal([1, 5], Numbers("Part", before));
        AssertSynced(node);
    }

    private async Task<long> SyncedAsync()
    {
        var node = Drive.MakeFile("big", _bytes);
        Start();
        await SettledAsync();
        return node;
    }

    private void Patch(long node, int offset, byte[] bytes)
    {
        Drive.Overlay(node, overlay => overlay.Write(offset, bytes));
        bytes.CopyTo(_bytes, offset);
    }

    private IReadOnlyList<int> Numbers(string operation, int before) =>
        [.. Bucket.Calls.Skip(before).Where(call => call.Operation == operation).Select(call => call.Part!.Value).Order()];

    private void AssertSynced(long node)
    {
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
        Assert.Equal((Problem.None, Proof.Crc64, Node(node).Content), (Node(node).Problem, Node(node).Remote!.Proof, Node(node).Remote!.Generation));
        Assert.Empty(Bucket.OpenUploads);
    }
}
