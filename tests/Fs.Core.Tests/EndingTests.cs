namespace SyncAgent.Fs.Core.Tests;

/// <summary>The end of a drive: nobody begins to write, those who do may finish.</summary>
public sealed class EndingTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_writes_may_finish_and_nobody_begins()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("old", [1]);
        var first = await drive.CreateAsync("first");
        var second = await drive.OpenAsync("old");

        var ending = drive.Files.LetWritersFinishAsync(Bound, CancellationToken.None);
        Assert.Equal(FsErrorKind.ReadOnly, (await drive.Files.CreateAsync(drive.Context, drive.Files.Root, "new", 0x1B4, OpenFlags.Write)).Error?.Kind);
        var old = (await drive.Files.LookupAsync(drive.Context, drive.Files.Root, "old")).Value.Id;
        Assert.Equal(FsErrorKind.ReadOnly, (await drive.Files.OpenAsync(drive.Context, old, OpenFlags.Write)).Error?.Kind);
        Assert.Equal(FsErrorKind.ReadOnly, (await drive.Files.OpenAsync(drive.Context, old, OpenFlags.Read | OpenFlags.Truncate)).Error?.Kind);
        Assert.Equal([1], await drive.LoadAsync("old"));
        await drive.WriteAsync(first, 0, [2, 3]);
        await drive.CloseAsync(first);
        Assert.False(ending.IsCompleted);
        await drive.CloseAsync(second);

        Assert.Empty(await ending);
        Assert.Equal([2, 3], await drive.LoadAsync("first"));
        drive.Files.AdmitWriters();
        await drive.SaveAsync("new", [4]);
    }

    [Fact]
    public async Task What_is_still_open_when_the_time_is_up_is_named()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("closed", [1]);
        var handle = await drive.CreateAsync("open");
        var node = (await drive.Files.LookupAsync(drive.Context, drive.Files.Root, "open")).Value.Id;
        Assert.Equal([node.Value], await drive.Files.LetWritersFinishAsync(TimeSpan.Zero, CancellationToken.None));
        await drive.CloseAsync(handle);
        Assert.Empty(await drive.Files.LetWritersFinishAsync(TimeSpan.Zero, CancellationToken.None));
    }
}
