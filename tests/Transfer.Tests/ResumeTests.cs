using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

public sealed class ResumeTests : EngineTest
{
    private readonly byte[] _bytes = TestDrive.Bytes((8 * Part) + 77, 7);

    [Fact]
    public async Task Only_missing_parts_are_sent_after_a_restart_gaps_included()
    {
        Bucket.PartsPageSize = 3;
        Drive.MakeFile("big", _bytes);
        await SendSomePartsAsync(8, call => call.Part == 2);
        Assert.Equal(0, Count("Abort"));
        Assert.Single(Bucket.OpenUploads);

        var before = Bucket.Calls.Count;
        Start();
        await SettledAsync();
        var parts = Bucket.Calls.Skip(before).Where(call => call.Operation == "Part").Select(call => call.Part);
        Assert.Equal([2], parts);
        Assert.Equal(1, Count("Initiate"));
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
    }

    [Fact]
    public async Task A_part_that_the_store_lost_is_sent_again()
    {
        Drive.MakeFile("big", _bytes);
        await SendSomePartsAsync(8, call => call.Part == 2);
        Bucket.LosePart(Bucket.OpenUploads[0], 5);
        var before = Bucket.Calls.Count;
        Start();
        await SettledAsync();
        Assert.Equal([2, 5], Bucket.Calls.Skip(before).Where(call => call.Operation == "Part").Select(call => call.Part).Order());
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
    }

    [Fact]
    public async Task A_staged_byte_that_flipped_below_a_sent_part_fails_and_nothing_is_published()
    {
        var node = Drive.MakeFile("big", _bytes);
        await SendSomePartsAsync(8, call => call.Part == 2);
        using (var file = Drive.StagingOf(Node(node).Content!.Value)) RandomAccess.Write(file, [(byte)~_bytes[10]], 10);
        Start();
        await UntilAsync(() => Node(node).Problem == Problem.Failed);
        Assert.Contains("changed on disk", Node(node).Error, StringComparison.Ordinal);
        await UntilAsync(() => Bucket.OpenUploads.Count == 0 && Uploads().Count == 0);
        Assert.Empty(Bucket.Objects);
    }

    [Theory]
    [InlineData("UPDATE part SET crc=crc+1 WHERE number=3", new[] { 2, 3 })]
    [InlineData("UPDATE part SET etag='other' WHERE number=3", new[] { 2, 3 })]
    [InlineData("UPDATE part SET offset=offset+1 WHERE number IN (3,4)", new[] { 2, 3, 4 })]
    [InlineData("UPDATE upload SET part_size=part_size/2", new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 })]
    [InlineData("UPDATE upload SET size=size-1", new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 })]
    public async Task Damaged_rows_are_not_believed(string damage, int[] resent)
    {
        Drive.MakeFile("big", _bytes);
        await SendSomePartsAsync(8, call => call.Part == 2);
        Drive.Tamper(damage);
        var before = Bucket.Calls.Count;
        Start();
        await SettledAsync();
        Assert.Equal(resent, Bucket.Calls.Skip(before).Where(call => call.Operation == "Part").Select(call => call.Part!.Value).Order());
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
        Assert.Empty(Bucket.OpenUploads);
    }

    [Fact]
    public async Task An_upload_id_that_the_store_forgot_starts_again_by_itself()
    {
        var node = Drive.MakeFile("big", _bytes);
        await SendSomePartsAsync(8, call => call.Part == 2);
        Bucket.LoseUpload(Bucket.OpenUploads[0]);
        Start();
        await SettledAsync();
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
        Assert.Equal(Problem.None, Node(node).Problem);
    }

    [Fact]
    public async Task An_upload_id_that_vanishes_in_the_middle_starts_again_by_itself()
    {
        Bucket.Before = (call, _) =>
        {
            if (call is { Operation: "Part", Part: 4, UploadId: "upload-1" }) Bucket.LoseUpload("upload-1");
            return Task.CompletedTask;
        };
        Drive.MakeFile("big", _bytes);
        Start();
        await SettledAsync();
        Assert.Equal(2, Count("Initiate"));
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
    }

    [Fact]
    public async Task Other_content_never_goes_on_with_old_parts()
    {
        var node = Drive.MakeFile("big", _bytes);
        await SendSomePartsAsync(8, call => call.Part == 2);
        var next = TestDrive.Bytes(_bytes.Length, 8);
        Drive.Write(node, next);
        Start();
        await SettledAsync();
        Assert.Equal(next, Bucket.Objects["p/big"].Bytes);
        Assert.Equal(["upload-1"], Bucket.Calls.Where(call => call.Operation == "Abort").Select(call => call.UploadId).Distinct());
    }

    [Theory]
    [InlineData("Complete", 4 * Part)]
    [InlineData("Put", 1000)]
    public async Task An_object_that_the_store_calls_wrong_is_not_taken_for_the_content_where_there_is_no_checksum(string operation, int size)
    {
        Bucket.Capabilities = Bucket.Capabilities with { ObjectCrc64 = false };
        var contradicted = 0;
        Bucket.After = call => call.Operation == operation && Interlocked.Increment(ref contradicted) == 1
            ? throw new StoreException(StoreErrorKind.ChecksumMismatch, "another ETag") { MayHaveSucceeded = true }
            : Task.CompletedTask;
        Drive.MakeFile("file", TestDrive.Bytes(size, 9));
        Start();
        await SettledAsync();
        Assert.Equal(2, Count(operation));
        Assert.Empty(Bucket.OpenUploads);
    }

    [Fact]
    public async Task Attributes_that_changed_while_an_upload_was_interrupted_reach_the_object()
    {
        var node = Drive.MakeFile("file", TestDrive.Bytes(4 * Part, 9));
        await SendSomePartsAsync(2, call => call.Operation == "Part" && call.Part > 2);
        Drive.Chmod(node, 0x180);
        Start();
        await SettledAsync();
        Assert.Equal(1, Count("Initiate"));
        Assert.Equal("33152", Bucket.Objects["p/file"].Metadata["mode"]); // S_IFREG | 0600
    }

    [Fact]
    public async Task A_lost_reply_to_Complete_is_recognised_as_success()
    {
        LoseReply("Complete");
        Drive.MakeFile("big", _bytes);
        Start();
        await SettledAsync();
        Assert.Equal((1, 9), (Count("Complete"), Count("Part")));
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
    }

    [Fact]
    public async Task A_kill_after_Complete_is_recognised_as_success()
    {
        var node = Drive.MakeFile("big", _bytes);
        var completed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var forever = new TaskCompletionSource();
        Bucket.After = call =>
        {
            if (call.Operation != "Complete") return Task.CompletedTask;
            completed.TrySetResult();
            return forever.Task;
        };
        Start();
        await completed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var stopping = StopAsync();
        forever.SetException(new OperationCanceledException()); // as a cancelled request ends
        await stopping;
        Bucket.After = null;
        Assert.Null(Node(node).Remote);
        Start();
        await SettledAsync();
        Assert.Equal((1, 9), (Count("Complete"), Count("Part")));
        Assert.Equal(Node(node).Content, Node(node).Remote!.Generation);
    }

    [Fact]
    public async Task A_lost_reply_to_Initiate_is_listed_as_possibly_ours_and_never_aborted()
    {
        LoseReply("Initiate");
        Drive.MakeFile("big", _bytes);
        Start();
        await SettledAsync();
        Assert.Equal(_bytes, Bucket.Objects["p/big"].Bytes);
        Assert.Equal(["upload-1"], Bucket.OpenUploads);
        Assert.Equal(UploadPhase.PossiblyOurs, Assert.Single(Uploads()).Phase);
        Assert.Equal(0, Count("Abort"));
    }

    [Fact]
    public async Task A_damaged_whole_object_is_sent_once_more_from_scratch()
    {
        var wrong = 1;
        Bucket.StateCrc = crc => wrong-- > 0 ? crc + 1 : crc;
        var node = Drive.MakeFile("big", _bytes);
        Start();
        await SettledAsync();
        Assert.Equal((2, 18), (Count("Complete"), Count("Part")));
        Assert.Equal(Proof.Crc64, Node(node).Remote!.Proof);
    }

    [Fact]
    public async Task A_whole_object_that_stays_damaged_is_never_called_synced()
    {
        Bucket.StateCrc = crc => crc + 1;
        var node = Drive.MakeFile("big", _bytes);
        Start();
        await UntilWithClockAsync(() => Node(node).Problem == Problem.Failed);
        Assert.Contains("twice", Node(node).Error, StringComparison.Ordinal);
        Assert.Null(Node(node).Remote);
        Assert.Empty(Drive.Reader.Receipts(Drive.Row.Id, "p/big", 1));
    }

    [Fact]
    public async Task Uploads_of_removed_files_are_aborted_after_a_restart()
    {
        var node = Drive.MakeFile("big", _bytes);
        await SendSomePartsAsync(8, call => call.Part == 2);
        Drive.Remove(node);
        Start();
        await UntilAsync(() => Uploads().Count == 0);
        Assert.Empty(Bucket.OpenUploads);
        Assert.Empty(Bucket.Objects);
    }
}
