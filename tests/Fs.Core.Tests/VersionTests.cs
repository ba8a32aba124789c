namespace SyncAgent.Fs.Core.Tests;

/// <summary>Objects that change in the bucket while they are read.</summary>
public class VersionTests
{
    private const int Size = 4 << 20;

    [Fact]
    public async Task A_reader_that_has_none_of_its_bytes_goes_on_with_the_new_version()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/file", ReadRig.Pattern(Size, 1));
        var handle = await drive.OpenAsync("file", OpenFlags.Read);
        var bytes = ReadRig.Pattern(Size + 1000, 2);
        drive.Bucket.Put("p/file", bytes);
        var told = new List<FsInvalidation>();
        drive.Files.Invalidated += told.Add;
        Assert.Equal(bytes[..1000], await drive.ReadAsync(handle, 0, 1000));
        var node = await drive.NodeAsync("file");
        Assert.Equal(Size + 1000, node.Size);
        Assert.Contains(new FsInvalidation(node.Id, null), told);
        drive.Files.Released(handle);
        Assert.Equal(bytes, await drive.LoadAsync("file"));
    }

    [Fact]
    public async Task After_the_first_byte_a_reader_keeps_its_version_and_the_next_open_reads_the_new_one()
    {
        await using var drive = new TestDrive();
        var former = ReadRig.Pattern(Size, 3);
        drive.Bucket.Put("p/file", former);
        var handle = await drive.OpenAsync("file", OpenFlags.Read);
        var before = await drive.NodeAsync("file");
        Assert.Equal(former[..1000], await drive.ReadAsync(handle, 0, 1000));

        var bytes = ReadRig.Pattern(Size, 4);
        drive.Bucket.Put("p/file", bytes);
        var told = new List<FsInvalidation>();
        drive.Files.Invalidated += told.Add;
        Assert.Equal(FsErrorKind.Stale, (await drive.Files.ReadAsync(drive.Context, handle, 3 << 20, new byte[1000])).Error?.Kind);

        // Its own pages and ours: nothing of the new version ever gets into the former node.
        Assert.Equal(new FsInvalidation(drive.Files.Root, "file"), Assert.Single(told));
        var after = await drive.NodeAsync("file");
        Assert.NotEqual(before.Id, after.Id);
        Assert.Equal(FsErrorKind.Stale, (await drive.Files.OpenAsync(drive.Context, before.Id, OpenFlags.Read)).Error?.Kind);
        Assert.Equal(bytes, await drive.LoadAsync("file"));
        Assert.Equal(former[500..1000], await drive.ReadAsync(handle, 500, 500));
        Assert.Equal(FsErrorKind.Stale, (await drive.Files.ReadAsync(drive.Context, handle, 3 << 20, new byte[1000])).Error?.Kind);
        drive.Files.Released(handle);
        await drive.RestartAsync();
        Assert.Equal(bytes, await drive.LoadAsync("file"));
    }

    [Fact]
    public async Task An_object_that_is_gone_is_gone_at_once_for_new_readers()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/file", ReadRig.Pattern(Size, 5));
        var handle = await drive.OpenAsync("file", OpenFlags.Read);
        await drive.ReadAsync(handle, 0, 1000);
        drive.Bucket.Delete("p/file");
        Assert.Equal(FsErrorKind.Stale, (await drive.Files.ReadAsync(drive.Context, handle, 3 << 20, new byte[1000])).Error?.Kind);
        Assert.Equal(FsErrorKind.NotFound, (await drive.LookupErrorAsync("file"))?.Kind);
        drive.Files.Released(handle);
    }

    [Fact]
    public async Task A_file_with_local_changes_is_not_renewed()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/file", ReadRig.Pattern(Size, 6));
        var handle = await drive.OpenAsync("file");
        await drive.WriteAsync(handle, 100, [1, 2, 3]);
        drive.Bucket.Put("p/file", ReadRig.Pattern(Size, 7));
        Assert.Equal(FsErrorKind.Stale, (await drive.Files.ReadAsync(drive.Context, handle, 3 << 20, new byte[1000])).Error?.Kind);
        Assert.Equal([1, 2, 3], await drive.ReadAsync(handle, 100, 3));
        Assert.Equal(await drive.NodeAsync("file"), await drive.NodeAsync("file"));
        drive.Files.Released(handle);
    }

    [Fact]
    public async Task Pages_of_another_version_are_not_kept_at_an_open()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/file", ReadRig.Pattern(1000, 8));
        await drive.LoadAsync("file");
        var node = await drive.NodeAsync("file");
        async Task<bool> KeepsAsync()
        {
            var opened = (await drive.Files.OpenAsync(drive.Context, node.Id, OpenFlags.Read)).Value;
            drive.Files.Released(opened.Handle);
            return opened.KeepCache;
        }

        Assert.True(await KeepsAsync());
        drive.Bucket.Put("p/file", ReadRig.Pattern(1000, 9));
        await drive.NamesAsync(""); // the listing finds the new version
        Assert.False(await KeepsAsync());
        Assert.True(await KeepsAsync());
    }

    [Fact]
    public async Task Readers_of_an_object_that_keeps_changing_get_one_version_or_an_error()
    {
        await using var drive = new TestDrive();
        const int Versions = 20;
        var versions = Enumerable.Range(0, Versions).Select(i => ReadRig.Pattern(3 << 20, 100 + i)).ToList();
        drive.Bucket.Put("p/file", versions[0]);
        await drive.NodeAsync("file");
        var ended = false;
        var whole = 0;
        var stale = 0;
        async Task ReadManyAsync()
        {
            while (!Volatile.Read(ref ended))
            {
                var node = await drive.NodeAsync("file");
                var opened = await drive.Files.OpenAsync(drive.Context, node.Id, OpenFlags.Read);
                if (opened.Error is not null) continue; // renewed in between: the kernel looks the name up again
                var buffer = new byte[3 << 20];
                FsError? error = null;
                for (var at = 0; at < buffer.Length && error is null; at += 100_000)
                {
                    error = (await drive.Files.ReadAsync(drive.Context, opened.Value.Handle, at, buffer.AsMemory(at, Math.Min(100_000, buffer.Length - at)))).Error;
                }

                drive.Files.Released(opened.Value.Handle);
                if (error is null)
                {
                    Assert.Contains(versions, version => version.AsSpan().SequenceEqual(buffer));
                    Interlocked.Increment(ref whole);
                }
                else
                {
                    Assert.Equal(FsErrorKind.Stale, error.Kind);
                    Interlocked.Increment(ref stale);
                }
            }
        }

        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(ReadManyAsync)).ToList();
        for (var i = 1; i < Versions; i++)
        {
            var before = Volatile.Read(ref whole) + Volatile.Read(ref stale);
            drive.Bucket.Put("p/file", versions[i]);
            await drive.NamesAsync("");
            while (Volatile.Read(ref whole) + Volatile.Read(ref stale) < before + 2 && !readers.Exists(reader => reader.IsCompleted)) await Task.Yield();
        }

        ended = true;
        await Task.WhenAll(readers);
        Assert.True(whole > 0, "no reader got through");
    }

    [Fact]
    public async Task While_the_store_is_away_cached_bytes_are_read_and_others_time_out()
    {
        await using var drive = new TestDrive();
        var bytes = ReadRig.Pattern(Size, 10);
        drive.Bucket.Put("p/file", bytes);
        var handle = await drive.OpenAsync("file", OpenFlags.Read);
        await drive.ReadAsync(handle, 0, 1000);
        drive.Bucket.Away = true;
        Assert.Equal(bytes[..50_000], await drive.ReadAsync(handle, 0, 50_000));
        Assert.Equal(FsErrorKind.Offline, (await drive.Files.ReadAsync(drive.Context, handle, 3 << 20, new byte[10])).Error?.Kind);
        drive.Bucket.Away = false;
        Assert.Equal(bytes[(3 << 20)..((3 << 20) + 10)], await drive.ReadAsync(handle, 3 << 20, 10));
        drive.Files.Released(handle);
    }
}
