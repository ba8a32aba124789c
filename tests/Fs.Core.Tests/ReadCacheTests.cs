using SyncAgent.Journal;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>What is kept on the disk, for how long, and what never comes out of it.</summary>
public class ReadCacheTests
{
    [Fact]
    public async Task What_was_read_survives_a_restart()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(8 << 20, 1);
        var content = rig.Put("k", bytes);
        await ReadRig.ReadAsync(content, 3 << 20, 4096);
        await ReadRig.ReadAsync(content, 6 << 20, 4096);
        await rig.RestartAsync();

        rig.Bucket.Away = true;
        var again = rig.Contents.Open("k", content.ETag, bytes.Length);
        Assert.Equal(bytes[(3 << 20)..((3 << 20) + 4096)], await ReadRig.ReadAsync(again, 3 << 20, 4096));
        Assert.Equal(bytes[(6 << 20)..((6 << 20) + 4096)], await ReadRig.ReadAsync(again, 6 << 20, 4096));
        Assert.Equal(0, again.TryRead(0, new byte[10]));
        Assert.Equal(2 * RemoteContent.Block, rig.Contents.Bytes);
    }

    [Fact]
    public async Task What_a_reader_waited_for_is_told_from_what_was_there()
    {
        await using var drive = new TestDrive();
        var bytes = ReadRig.Pattern(4 << 20, 9);
        drive.Bucket.Put("p/k", bytes);
        var handle = await drive.OpenAsync("k", OpenFlags.Read);
        Assert.Equal(bytes[..1000], await drive.ReadAsync(handle, 0, 1000));
        Assert.Equal(new CacheReads(0, 1000), drive.Files.CacheReads);
        Assert.Equal(bytes[..1000], await drive.ReadAsync(handle, 0, 1000));
        Assert.Equal(bytes[200..300], await drive.ReadAsync(handle, 200, 100));
        Assert.Equal(new CacheReads(1100, 1000), drive.Files.CacheReads);
        Assert.Equal(bytes[(3 << 20)..((3 << 20) + 50)], await drive.ReadAsync(handle, 3 << 20, 50));
        Assert.Equal(new CacheReads(1100, 1050), drive.Files.CacheReads);

        // What was written here is read from its own file, whatever lies below it.
        var own = await drive.CreateAsync("own");
        await drive.WriteAsync(own, 0, [1, 2, 3]);
        Assert.Equal(new byte[] { 1, 2, 3 }, await drive.ReadAsync(own, 0, 3));
        Assert.Equal(new CacheReads(1100, 1050), drive.Files.CacheReads);
    }

    [Fact]
    public async Task Another_version_uses_no_block_of_the_one_before()
    {
        await using var rig = new ReadRig();
        var former = rig.Put("k", ReadRig.Pattern(1 << 20, 2));
        await ReadRig.ReadForwardAsync(former);
        var bytes = ReadRig.Pattern(1 << 20, 3);
        var content = rig.Put("k", bytes);
        Assert.Equal(0, content.HeldBytes);
        AssertSame(bytes, await ReadRig.ReadForwardAsync(content));
        Assert.Equal(0, rig.Contents.Open("k", former.ETag, 12345).HeldBytes);
    }

    [Fact]
    public async Task A_kill_loses_the_newest_entries_at_most_and_leaves_no_file_behind()
    {
        await using var rig = new ReadRig();
        var (old, recent) = (rig.Put("old", ReadRig.Pattern(1 << 20, 4)), rig.Put("new", ReadRig.Pattern(1 << 20, 5)));
        await ReadRig.ReadForwardAsync(old);
        await ReadRig.UntilAsync(() => old.HeldBytes == old.Size);
        rig.Time.Advance(TimeSpan.FromSeconds(5)); // the index is written, once: a second time might come late, and take the newest with it
        await ReadRig.UntilAsync(() => old.IsWritten);
        await ReadRig.ReadForwardAsync(recent);
        Assert.Equal(2, rig.Files.Count);
        await rig.RestartAsync(kill: true);

        Assert.Equal(1 << 20, rig.Contents.Open("old", old.ETag, old.Size).HeldBytes);
        Assert.Equal(0, rig.Contents.Open("new", recent.ETag, recent.Size).HeldBytes);
        await ReadRig.UntilAsync(() => rig.Files.Count == 1);
    }

    [Fact]
    public async Task Without_its_index_the_cache_is_empty_and_its_files_go()
    {
        await using var rig = new ReadRig();
        var content = rig.Put("k", ReadRig.Pattern(1 << 20, 6));
        await ReadRig.ReadForwardAsync(content);
        await rig.RestartAsync(loseIndex: true);
        Assert.Equal(0, rig.Contents.Bytes);
        Assert.Equal(0, rig.Contents.Open("k", content.ETag, content.Size).HeldBytes);
        await ReadRig.UntilAsync(() => rig.Files.Count == 0);
    }

    [Fact]
    public async Task Above_the_limit_the_longest_unused_objects_go()
    {
        await using var rig = new ReadRig(new CoreOptions { StagingReserve = 0, ReadCacheLimit = 4 << 20 });
        var etags = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var content = rig.Put($"k{i}", ReadRig.Pattern(1_000_000, i));
            await ReadRig.ReadForwardAsync(content);
            rig.Contents.Close(content);
            etags.Add(content.ETag);
            rig.Time.Advance(TimeSpan.FromSeconds(10));
        }

        var used = rig.Contents.Open("k0", etags[0], 1_000_000);
        await ReadRig.ReadAsync(used, 0, 10);
        rig.Contents.Close(used);
        var last = rig.Put("k4", ReadRig.Pattern(1_000_000, 4));
        await ReadRig.ReadForwardAsync(last);
        await ReadRig.UntilAsync(() => rig.Contents.Bytes <= 4 << 20);

        Assert.Equal(1_000_000, rig.Contents.Open("k0", etags[0], 1_000_000).HeldBytes);
        Assert.Equal(0, rig.Contents.Open("k1", etags[1], 1_000_000).HeldBytes);
        Assert.Equal(1_000_000, rig.Contents.Open("k3", etags[3], 1_000_000).HeldBytes);
        Assert.True(rig.Files.Sum(file => new FileInfo(file).Length) <= 4 << 20);
    }

    [Fact]
    public async Task An_object_larger_than_the_limit_is_read_whole_and_takes_no_more_room()
    {
        await using var rig = new ReadRig(new CoreOptions { StagingReserve = 0, ReadCacheLimit = 8 << 20, ReadAheadLimit = 4 << 20 });
        var bytes = ReadRig.Pattern(64 << 20, 7);
        var content = rig.Put("k", bytes);
        long most = 0;
        for (var at = 0; at < bytes.Length; at += RemoteContent.Block)
        {
            AssertSame(bytes[at..(at + RemoteContent.Block)], await ReadRig.ReadAsync(content, at, RemoteContent.Block));
            most = Math.Max(most, rig.Contents.Bytes);
        }

        Assert.True(most < 40 << 20, $"{most} bytes were held");
        rig.Contents.Close(content);
        await rig.RestartAsync();

        // What was given back was given back in the index too: holes are never read for bytes.
        var again = rig.Contents.Open("k", content.ETag, bytes.Length);
        Assert.True(again.HeldBytes < 40 << 20);
        AssertSame(bytes, await ReadRig.ReadForwardAsync(again));
    }

    [Fact]
    public async Task On_a_full_disk_reads_go_on_and_nothing_is_kept()
    {
        await using var rig = new ReadRig(new CoreOptions { StagingReserve = long.MaxValue / 2 });
        var bytes = ReadRig.Pattern(2 << 20, 8);
        var content = rig.Put("k", bytes);
        AssertSame(bytes, await ReadRig.ReadForwardAsync(content));
        Assert.Equal(0, rig.Contents.Bytes);
        Assert.Equal(0, rig.Files.Sum(file => new FileInfo(file).Length));
    }

    [Fact]
    public async Task What_writes_need_is_taken_from_the_cache()
    {
        await using var rig = new ReadRig();
        for (var i = 0; i < 3; i++)
        {
            var content = rig.Put($"k{i}", ReadRig.Pattern(1 << 20, i));
            await ReadRig.ReadForwardAsync(content);
            rig.Contents.Close(content);
        }

        Assert.Equal(2 << 20, rig.Contents.Reclaim(1_500_000));
        Assert.Equal(1 << 20, rig.Contents.Bytes);
        Assert.Single(rig.Files);
    }

    [Fact]
    public async Task Many_open_objects_need_few_descriptors()
    {
        await using var rig = new ReadRig();
        var contents = Enumerable.Range(0, 1000).Select(i => rig.Put($"k{i}", ReadRig.Pattern(1000, i))).ToList();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < contents.Count; i++) Assert.Equal(ReadRig.Pattern(1000, i), await ReadRig.ReadAsync(contents[i], 0, 1000));
            Assert.InRange(rig.Contents.Descriptors, 1, 256);
        }

        Assert.Equal(1_000_000, rig.Bucket.BytesRead);
    }

    [Fact]
    public async Task A_file_that_somebody_removed_or_cut_is_fetched_again()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(1 << 20, 9);
        var content = rig.Put("k", bytes);
        await ReadRig.ReadForwardAsync(content);
        using (var cut = StagingFile.OpenForWriting(Assert.Single(rig.Files))) RandomAccess.SetLength(cut, 1000);
        AssertSame(bytes, await ReadRig.ReadForwardAsync(content));
        await rig.RestartAsync();
        File.Delete(Assert.Single(rig.Files));
        AssertSame(bytes, await ReadRig.ReadForwardAsync(rig.Contents.Open("k", content.ETag, content.Size)));
    }

    [Fact]
    public async Task What_was_renamed_by_the_server_keeps_its_blocks()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(1 << 20, 10);
        var content = rig.Put("before", bytes);
        await ReadRig.ReadForwardAsync(content);
        rig.Contents.Close(content);
        var former = new RemoteState("before", content.ETag, null, null, bytes.Length, 0, 7, 0, Proof.Listed);
        rig.Contents.Follow(former, former with { Key = "after", ETag = "copied" });
        rig.Contents.Follow(former with { Key = "after", ETag = "copied" }, former with { Key = "other", ETag = "foreign", Generation = 8 });
        rig.Bucket.Away = true;
        AssertSame(bytes, await ReadRig.ReadForwardAsync(rig.Contents.Open("after", "copied", bytes.Length)));
        Assert.Equal(0, rig.Contents.Open("other", "foreign", bytes.Length).HeldBytes);
    }

    // Quicker than a comparison that shows where they differ.
    private static void AssertSame(byte[] expected, byte[] actual) => Assert.True(expected.AsSpan().SequenceEqual(actual), "other bytes");
}
