namespace SyncAgent.Fs.Core.Tests;

/// <summary>Space and holes of files, whatever the bytes stand on.</summary>
public sealed class SpaceTests
{
    private const int Kibi = 1024;
    private const int Mebi = 1024 * 1024;

    private static readonly byte[] Large = Pattern(Mebi, 1);

    [Theory]
    [InlineData("new")]
    [InlineData("local")]
    [InlineData("remote")]
    public async Task Space_is_taken_cleared_and_given_back_over_any_base(string below)
    {
        await using var drive = new TestDrive();
        var handle = await OpenOverAsync(drive, below);
        var expected = Large.ToArray();
        Assert.Null(await ChangeAsync(drive, handle, SpaceChange.Punch, 64 * Kibi, 64 * Kibi, keepSize: true));
        expected.AsSpan(64 * Kibi, 64 * Kibi).Clear();
        Assert.Null(await ChangeAsync(drive, handle, SpaceChange.Zero, 200 * Kibi, 100 * Kibi));
        expected.AsSpan(200 * Kibi, 100 * Kibi).Clear();
        Assert.Null(await ChangeAsync(drive, handle, SpaceChange.Allocate, 0, 3 * Mebi, keepSize: true));
        Assert.Equal(Mebi, (await drive.NodeAsync("f")).Size);
        Assert.Equal(expected, await drive.ReadAsync(handle, 0, 2 * Mebi));
        Assert.Null(await ChangeAsync(drive, handle, SpaceChange.Allocate, Mebi / 2, Mebi));
        Assert.Null(await ChangeAsync(drive, handle, SpaceChange.Punch, Mebi + (100 * Kibi), Mebi, keepSize: true));
        Array.Resize(ref expected, Mebi * 3 / 2);
        Assert.Equal(expected, await drive.ReadAsync(handle, 0, 2 * Mebi));
        await drive.CloseAsync(handle);
        Assert.Equal(expected, await drive.LoadAsync("f"));
        await drive.PublishAsync();
        Assert.Equal(expected, drive.Bucket.Bytes("p/f"));
        drive.KillAndRestart();
        Assert.Equal(expected, await drive.LoadAsync("f"));
    }

    [Theory]
    [InlineData("new")]
    [InlineData("local")]
    [InlineData("remote")]
    public async Task Holes_are_found_where_they_are(string below)
    {
        await using var drive = new TestDrive();
        var handle = await OpenOverAsync(drive, below);
        Assert.Null(await ChangeAsync(drive, handle, SpaceChange.Punch, 64 * Kibi, 64 * Kibi, keepSize: true));
        await drive.WriteAsync(handle, 2 * Mebi, [1]);
        foreach (var reopened in (bool[])[false, true])
        {
            if (reopened)
            {
                await drive.CloseAsync(handle);
                handle = await drive.OpenAsync("f", OpenFlags.Read);
            }

            Assert.Equal(0, await SeekAsync(drive, handle, 0, data: true));
            Assert.Equal(64 * Kibi, await SeekAsync(drive, handle, 0, data: false));
            Assert.Equal(128 * Kibi, await SeekAsync(drive, handle, 64 * Kibi, data: true));
            Assert.Equal(Mebi, await SeekAsync(drive, handle, 128 * Kibi, data: false));
            Assert.Equal(2 * Mebi, await SeekAsync(drive, handle, Mebi, data: true));
            Assert.Equal((2 * Mebi) + 1, await SeekAsync(drive, handle, 2 * Mebi, data: false));
            Assert.Equal(FsErrorKind.NoData, (await drive.Files.SeekAsync(drive.Context, handle, (2 * Mebi) + 1, data: false)).Error?.Kind);
        }

        drive.Files.Released(handle);
    }

    [Fact]
    public async Task What_only_the_bucket_holds_is_data_and_is_not_fetched_to_say_so()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/f", new byte[Mebi]);
        var handle = await drive.OpenAsync("f", OpenFlags.Read);
        Assert.Equal(10, await SeekAsync(drive, handle, 10, data: true));
        Assert.Equal(Mebi, await SeekAsync(drive, handle, 10, data: false));
        Assert.Equal(Mebi, (await drive.NodeAsync("f")).StoredBytes);
        Assert.Equal(0, drive.Bucket.BytesRead);
        drive.Files.Released(handle);
    }

    [Fact]
    public async Task The_space_that_is_shown_is_the_space_that_is_taken()
    {
        await using var drive = new TestDrive();
        var handle = await drive.CreateAsync("f");
        await drive.WriteAsync(handle, 0, Large);
        AssertTakes(Mebi, await drive.NodeAsync("f"));
        Assert.Null(await ChangeAsync(drive, handle, SpaceChange.Allocate, Mebi, Mebi, keepSize: true));
        AssertTakes(2 * Mebi, await drive.NodeAsync("f"));
        Assert.Null(await ChangeAsync(drive, handle, SpaceChange.Punch, Mebi / 2, Mebi / 2, keepSize: true));
        AssertTakes(Mebi + (Mebi / 2), await drive.NodeAsync("f"));
        await drive.CloseAsync(handle);
        AssertTakes(Mebi + (Mebi / 2), await drive.NodeAsync("f"));
        drive.KillAndRestart();
        AssertTakes(Mebi + (Mebi / 2), await drive.NodeAsync("f"));
    }

    // Besides its bytes a file takes the block in which it says what it is (see StagingMark).
    private static void AssertTakes(long bytes, NodeAttributes file) => Assert.InRange(file.StoredBytes, bytes, bytes + 4096);

    [Fact]
    public async Task Space_that_is_not_there_is_refused_and_the_file_is_as_good_as_before()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("f", Large);
        drive.Options = drive.Options with { StagingReserve = long.MaxValue / 2 };
        await drive.RestartAsync();
        var handle = await drive.OpenAsync("f");
        Assert.Equal(FsErrorKind.NoSpace, (await ChangeAsync(drive, handle, SpaceChange.Allocate, 0, 10))?.Kind);
        await drive.CloseAsync(handle);
        Assert.Equal(Large, await drive.LoadAsync("f"));
    }

    [Fact]
    public async Task Nothing_grows_beyond_the_stores_largest_object()
    {
        await using var drive = new TestDrive();
        drive.Options = drive.Options with { MaxFileSize = 1000 };
        await drive.RestartAsync();
        var handle = await drive.CreateAsync("f");
        Assert.Equal(FsErrorKind.TooLarge, (await drive.Files.WriteAsync(drive.Context, handle, 999, new byte[2], clearSetId: false)).Error?.Kind);
        Assert.Equal(FsErrorKind.TooLarge, (await ChangeAsync(drive, handle, SpaceChange.Allocate, 0, 1001))?.Kind);
        var node = (await drive.NodeAsync("f")).Id;
        Assert.Equal(
            FsErrorKind.TooLarge, (await drive.Files.SetAttributesAsync(drive.Context, node, handle, new AttributeChanges { Size = 1001 })).Error?.Kind);
        await drive.WriteAsync(handle, 998, [1, 2]);
        await drive.CloseAsync(handle);
        Assert.Equal(1000, (await drive.NodeAsync("f")).Size);
    }

    [Fact]
    public async Task A_length_that_the_staging_disk_cannot_have_is_too_large_and_harms_nothing()
    {
        await using var drive = new TestDrive();
        var handle = await drive.CreateAsync("f");
        await drive.WriteAsync(handle, 0, [1, 2, 3]);
        var node = (await drive.NodeAsync("f")).Id;
        var refused = await drive.Files.SetAttributesAsync(drive.Context, node, handle, new AttributeChanges { Size = long.MaxValue - 1 });
        Assert.Equal(FsErrorKind.TooLarge, refused.Error?.Kind);
        await drive.CloseAsync(handle);
        Assert.Equal((byte[])[1, 2, 3], await drive.LoadAsync("f"));
    }

    [Fact]
    public async Task Ranges_are_copied_between_open_files_and_within_one()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("from", Large);
        var from = await drive.OpenAsync("from", OpenFlags.Read);
        var to = await drive.CreateAsync("to");
        Assert.Equal(1000, await CopyAsync(drive, from, 500, to, 10, 1000));
        Assert.Equal(100, await CopyAsync(drive, from, Mebi - 100, to, 2000, 1000));
        Assert.Equal(0, await CopyAsync(drive, from, Mebi, to, 0, 1000));
        Assert.Equal(10, await CopyAsync(drive, to, 10, to, 5000, 10));
        var expected = new byte[5010];
        Large.AsSpan(500, 1000).CopyTo(expected.AsSpan(10));
        Large.AsSpan(Mebi - 100).CopyTo(expected.AsSpan(2000));
        Large.AsSpan(500, 10).CopyTo(expected.AsSpan(5000));
        Assert.Equal(FsErrorKind.BadHandle, (await drive.Files.CopyAsync(drive.Context, to, 0, from, 0, 1, clearSetId: false)).Error?.Kind);
        drive.Files.Released(from);
        await drive.CloseAsync(to);
        Assert.Equal(expected, await drive.LoadAsync("to"));
    }

    private static async Task<HandleId> OpenOverAsync(TestDrive drive, string below)
    {
        if (below == "new")
        {
            var created = await drive.CreateAsync("f");
            await drive.WriteAsync(created, 0, Large);
            return created;
        }

        if (below == "local") await drive.SaveAsync("f", Large);
        else drive.Bucket.Put("p/f", Large);
        return await drive.OpenAsync("f");
    }

    private static async Task<FsError?> ChangeAsync(
        TestDrive drive, HandleId handle, SpaceChange change, long offset, long length, bool keepSize = false) =>
        (await drive.Files.ChangeSpaceAsync(drive.Context, handle, change, offset, length, keepSize, clearSetId: false)).Error;

    private static async Task<long> SeekAsync(TestDrive drive, HandleId handle, long offset, bool data) =>
        (await drive.Files.SeekAsync(drive.Context, handle, offset, data)).Value;

    private static async Task<long> CopyAsync(TestDrive drive, HandleId from, long fromOffset, HandleId to, long toOffset, long length) =>
        (await drive.Files.CopyAsync(drive.Context, from, fromOffset, to, toOffset, length, clearSetId: false)).Value;

    private static byte[] Pattern(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
