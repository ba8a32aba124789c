using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

public sealed class PutTests : EngineTest
{
    [Fact]
    public async Task A_closed_file_becomes_an_object_with_its_metadata_and_a_receipt()
    {
        var bytes = TestDrive.Bytes(5000, 1);
        var node = Drive.MakeFile("a.txt", bytes);
        Start();
        await SettledAsync();

        var stored = Bucket.Objects["p/a.txt"];
        Assert.Equal(bytes, stored.Bytes);
        Assert.Equal("33188", stored.Metadata["mode"]); // 0100644
        Assert.Equal("1000", stored.Metadata["uid"]);
        Assert.Equal("1700000001.000000000", stored.Metadata["mtime"]);
        Assert.Equal($"{Drive.Journal.GetValue("machine_id")}-{Node(node).Content}", stored.Metadata["syncagent-gen"]);
        var receipt = Assert.Single(Drive.Reader.Receipts(Drive.Row.Id, "p/a.txt", 10));
        Assert.Equal((Proof.Crc64, stored.Crc64, stored.ETag), (receipt.Remote.Proof, receipt.Remote.Crc, receipt.Remote.ETag));
        Assert.Equal(Node(node).Content, Node(node).Remote!.Generation);
        Assert.Equal(0, Count("Head")); // a new file costs one request
    }

    [Fact]
    public async Task An_empty_file_a_directory_and_a_link_arrive()
    {
        Drive.MakeFile("empty", []);
        var directory = Drive.MakeDirectory("d");
        Drive.MakeLink("l", "../target", directory);
        Start();
        await SettledAsync();

        Assert.Empty(Bucket.Objects["p/empty"].Bytes);
        Assert.Equal(("application/x-directory", "16877"), (Bucket.Objects["p/d/"].ContentType, Bucket.Objects["p/d/"].Metadata["mode"]));
        Assert.Equal("../target"u8.ToArray(), Bucket.Objects["p/d/l"].Bytes);
        Assert.StartsWith("41", Bucket.Objects["p/d/l"].Metadata["mode"], StringComparison.Ordinal); // 0120644 = 41380
    }

    [Fact]
    public async Task Nothing_is_sent_before_it_is_durable()
    {
        var (first, second) = (Drive.Journal.NewId(), Drive.Journal.NewId());
        var sequence = Drive.Journal.Enqueue(writer => writer.PutNode(Drive.Node(first, Drive.Root, "first", NodeType.Directory)));
        Drive.Journal.Enqueue(writer => writer.PutNode(Drive.Node(second, Drive.Root, "second", NodeType.Directory)));
        Drive.Journal.CommitDurable(sequence);
        Start();
        await UntilAsync(() => !Node(first).Pending);
        Assert.Equal(["p/first/"], Bucket.Objects.Keys);
        Drive.Journal.CommitDurable(Drive.Journal.EnqueuedSequence);
        await UntilAsync(() => Bucket.Objects.ContainsKey("p/second/"));
    }

    [Fact]
    public async Task New_attributes_change_the_metadata_and_not_the_bytes()
    {
        var node = Drive.MakeFile("a", TestDrive.Bytes(100, 1));
        Start();
        await SettledAsync();
        Drive.Chmod(node, 0x1C0);
        await SettledAsync();
        Assert.Equal("33216", Bucket.Objects["p/a"].Metadata["mode"]); // 0100700
        Assert.Equal((1, 1), (Count("Put"), Count("Copy")));
    }

    [Fact]
    public async Task A_lost_reply_is_recognised_by_the_object()
    {
        LoseReply("Put");
        var node = Drive.MakeFile("a", TestDrive.Bytes(100, 1));
        Start();
        await SettledAsync();
        Assert.Equal(1, Count("Put"));
        Assert.Equal(Problem.None, Node(node).Problem);
    }

    [Fact]
    public async Task An_own_object_whose_reply_was_lost_is_no_conflict_for_the_next_content()
    {
        LoseReply("Put");
        var node = Drive.MakeFile("a", TestDrive.Bytes(100, 1));
        Start();
        await UntilAsync(() => Node(node).Attempts == 1);
        var next = TestDrive.Bytes(100, 2);
        Drive.Write(node, next);
        await SettledAsync();
        Assert.Equal(next, Bucket.Objects["p/a"].Bytes);
        Assert.Equal(Problem.None, Node(node).Problem);
    }

    [Fact]
    public async Task A_byte_that_flipped_on_the_local_disk_is_not_sent()
    {
        var node = Drive.MakeFile("a", TestDrive.Bytes(100, 1));
        using (var file = Drive.StagingOf(Node(node).Content!.Value)) RandomAccess.Write(file, [0x55, 0x55], 50);
        Start();
        await UntilAsync(() => Node(node).Problem == Problem.Failed);
        Assert.Contains("changed on disk", Node(node).Error, StringComparison.Ordinal);
        Assert.Empty(Bucket.Objects);
    }

    [Fact]
    public async Task A_missing_staging_file_fails_with_its_reason()
    {
        var node = Drive.MakeFile("a", TestDrive.Bytes(100, 1));
        Drive.Journal.Files.Delete(Drive.Reader.Generation(Node(node).Content!.Value)!.Staging);
        Start();
        await UntilAsync(() => Node(node).Problem == Problem.Failed);
        Assert.Contains("staged copy", Node(node).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_content_without_checksum_gets_one_first()
    {
        var node = Drive.MakeFile("a", []);
        var bytes = TestDrive.Bytes(3 * Part, 4);
        var generation = Drive.Write(node, bytes, knowsCrc: false);
        Start();
        await SettledAsync();
        Assert.Equal(Crc64.Compute(bytes), Drive.Reader.Generation(generation)!.Crc);
        Assert.Equal(bytes, Bucket.Objects["p/a"].Bytes);
    }
}
