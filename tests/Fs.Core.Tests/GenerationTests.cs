using Microsoft.Data.Sqlite;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core.Tests;

public sealed class GenerationTests
{
    private static readonly byte[] Large = Pattern(1 << 20, 1);

    [Fact]
    public async Task A_closed_file_is_sealed_with_the_checksum_of_what_was_written()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("a", Large);
        var content = drive.Rows.Generation((await CommittedAsync(drive, "a")).Content!.Value)!;
        Assert.Equal(GenerationState.Sealed, content.State);
        Assert.Equal(Crc64.Compute(Large), content.Crc);
        Assert.Equal(Large, drive.Sealed(content.Id));
    }

    [Fact]
    public async Task A_new_file_and_its_first_generation_are_one_mutation()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("a", [1]); // the folder is in the journal now
        var before = drive.Journal.EnqueuedSequence;
        await drive.CreateAsync("b");
        Assert.Equal(before + 1, drive.Journal.EnqueuedSequence);
        drive.Journal.WaitCommitted(before + 1);
        Assert.NotNull((await CommittedAsync(drive, "b")).Open);
    }

    [Fact]
    public async Task A_closed_version_survives_a_kill_in_the_middle_of_its_overwrite()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("a", Large);
        var handle = await drive.OpenAsync("a");
        await drive.WriteAsync(handle, 1000, Pattern(5000, 9));
        drive.KillAndRestart();
        var row = await CommittedAsync(drive, "a");
        Assert.NotNull(row.Open);
        Assert.Equal(Large, drive.Sealed(row.Content!.Value));

        var visible = (byte[])Large.Clone();
        Pattern(5000, 9).CopyTo(visible, 1000);
        Assert.Equal(visible, await drive.LoadAsync("a"));
        Assert.Equal("interrupted", await StateAsync(drive, "a"));
    }

    [Fact]
    public async Task A_close_that_was_answered_counts_although_the_release_never_came()
    {
        await using var drive = new TestDrive();
        var handle = await drive.CreateAsync("a");
        await drive.WriteAsync(handle, 0, Large);
        Assert.Null((await drive.Files.ClosedAsync(drive.Context, handle)).Error);
        drive.KillAndRestart();
        var row = await CommittedAsync(drive, "a");
        Assert.Null(row.Open);
        Assert.True(row.Pending);
        Assert.Equal(Large, drive.Sealed(row.Content!.Value));
    }

    [Fact]
    public async Task A_row_that_was_read_before_the_last_writer_closed_is_not_taken_for_an_interrupted_file()
    {
        await using var drive = new TestDrive();
        var handle = await drive.CreateAsync("a");
        await drive.WriteAsync(handle, 0, Large);
        var before = await CommittedAsync(drive, "a");
        Assert.NotNull(before.Open);
        Assert.Null((await drive.Files.ClosedAsync(drive.Context, handle)).Error);
        drive.Files.Released(handle);
        var after = await CommittedAsync(drive, "a");
        Assert.Null(after.Open);
        Assert.True(drive.Files.IsBeingWritten(before));
        Assert.False(drive.Files.IsBeingWritten(after));
    }

    [Fact]
    public async Task A_write_after_a_close_voids_it()
    {
        await using var drive = new TestDrive();
        var handle = await drive.CreateAsync("a");
        await drive.WriteAsync(handle, 0, Large);
        Assert.Null((await drive.Files.ClosedAsync(drive.Context, handle)).Error);
        await drive.WriteAsync(handle, 0, [1]);
        drive.KillAndRestart();
        var row = await CommittedAsync(drive, "a");
        Assert.NotNull(row.Open);
        Assert.Null(row.Content);
        Assert.Equal("interrupted", await StateAsync(drive, "a"));
    }

    [Fact]
    public async Task An_appended_log_costs_what_it_appends_and_keeps_its_checksum()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("log", Large);
        var expected = new List<byte>(Large);
        for (var i = 0; i < 5; i++)
        {
            var line = Pattern(100, i + 20);
            var handle = await drive.OpenAsync("log", OpenFlags.Write);
            await drive.WriteAsync(handle, expected.Count, line);
            await drive.CloseAsync(handle);
            expected.AddRange(line);
        }

        var row = await CommittedAsync(drive, "log");
        Assert.Equal(Crc64.Compute(expected.ToArray()), drive.Rows.Generation(row.Content!.Value)!.Crc);
        Assert.Equal(expected.ToArray(), drive.Sealed(row.Content!.Value));
        await drive.Groups.FlushAsync(TestContext.Current.CancellationToken);
        Assert.InRange(drive.Journal.Files.Names().Sum(name => new FileInfo(drive.Journal.Files.FileOf(name)).Length), 0, (3L << 20) + 4096);
    }

    [Fact]
    public async Task A_base_that_is_being_sent_is_not_folded_over()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("a", Large);
        var first = (await CommittedAsync(drive, "a")).Content!.Value;
        using var pin = drive.Journal.Pins.TryPin(first);
        using var sender = ContentReader.Open(drive.Journal.Files, drive.Rows.Content(first)!);
        for (var i = 0; i < 3; i++)
        {
            var handle = await drive.OpenAsync("a", OpenFlags.Write);
            await drive.WriteAsync(handle, i * 10, Pattern(300_000, 40 + i));
            await drive.CloseAsync(handle);
        }

        var sent = new byte[Large.Length];
        sender.Read(0, sent);
        Assert.Equal(Large, sent);
    }

    [Fact]
    public async Task A_partial_overwrite_of_a_remote_file_fetches_nothing_it_does_not_need()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/big", Large);
        var handle = await drive.OpenAsync("big", OpenFlags.Write);
        await drive.WriteAsync(handle, 500_000, [7, 7, 7]);
        await drive.CloseAsync(handle);
        Assert.Equal(0, drive.Bucket.BytesRead);
        var expected = (byte[])Large.Clone();
        expected[500_000] = expected[500_001] = expected[500_002] = 7;
        Assert.Equal(expected, await drive.LoadAsync("big"));
        Assert.Equal(expected, drive.Sealed((await CommittedAsync(drive, "big")).Content!.Value));
    }

    [Fact]
    public async Task A_remote_file_that_changed_while_it_was_read_gives_an_error_and_no_mix()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/big", Pattern(4 << 20, 3));
        var handle = await drive.OpenAsync("big", OpenFlags.Read);
        Assert.Equal(Pattern(4 << 20, 3)[..1000], await drive.ReadAsync(handle, 0, 1000));
        drive.Bucket.Put("p/big", Pattern(4 << 20, 4));
        var result = await drive.Files.ReadAsync(drive.Context, handle, 3 << 20, new byte[1000]);
        Assert.Equal(FsErrorKind.Stale, result.Error?.Kind);
        drive.Files.Released(handle);
    }

    [Fact]
    public async Task A_folding_that_was_killed_half_way_is_done_again()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("a", Large);
        var handle = await drive.OpenAsync("a", OpenFlags.Write);
        await drive.WriteAsync(handle, 10, Pattern(300_000, 5));
        await drive.CloseAsync(handle);
        var expected = (byte[])Large.Clone();
        Pattern(300_000, 5).CopyTo(expected, 10);
        var overlay = (await CommittedAsync(drive, "a")).Content!.Value;
        var source = drive.Rows.Content(overlay)!;
        await drive.Groups.FlushAsync(TestContext.Current.CancellationToken);
        drive.Journal.Commit(writer => writer.MarkFolding(overlay));
        using (var file = StagingFile.OpenForWriting(drive.Journal.Files.FileOf(source.BaseStaging!)))
        {
            RandomAccess.Write(file, Pattern(100_000, 5), 10);
        }

        drive.KillAndRestart();
        Assert.Equal(BaseKind.None, drive.Rows.Generation(overlay)!.Base);
        Assert.Equal(expected, drive.Sealed(overlay));
        Assert.Equal(expected, await drive.LoadAsync("a"));
    }

    [Fact]
    public async Task An_unlinked_open_file_keeps_its_bytes_and_leaves_none_behind()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("a", Large);
        var handle = await drive.OpenAsync("a");
        await drive.WriteAsync(handle, 5, [1, 2, 3]);
        Assert.Null(await drive.UnlinkAsync("a"));
        Assert.Equal(FsErrorKind.NotFound, (await drive.LookupErrorAsync("a"))?.Kind);
        Assert.Equal(new byte[] { 1, 2, 3 }, await drive.ReadAsync(handle, 5, 3));
        await drive.WriteAsync(handle, 5, [4]);
        await drive.CloseAsync(handle);
        await drive.Groups.FlushAsync(TestContext.Current.CancellationToken);
        await drive.Groups.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Empty(drive.Journal.Files.Names());
    }

    [Fact]
    public async Task Cut_and_extended_bytes_read_as_zeros_over_any_base()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("a", Large);
        var node = (await drive.NodeAsync("a")).Id;
        await drive.Files.SetAttributesAsync(drive.Context, node, null, new AttributeChanges { Size = 1000 });
        await drive.Files.SetAttributesAsync(drive.Context, node, null, new AttributeChanges { Size = 400_000 });
        var expected = new byte[400_000];
        Large.AsSpan(0, 1000).CopyTo(expected);
        Assert.Equal(expected, await drive.LoadAsync("a"));
        Assert.Equal(expected, drive.Sealed((await CommittedAsync(drive, "a")).Content!.Value));
    }

    [Fact]
    public async Task A_write_that_finds_no_space_is_refused_and_nothing_half_is_published()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("a", Large);
        drive.Options = drive.Options with { StagingReserve = long.MaxValue / 4 };
        await drive.RestartAsync();
        var handle = await drive.OpenAsync("a");
        Assert.Equal(FsErrorKind.NoSpace, (await drive.Files.WriteAsync(drive.Context, handle, 0, Large, false)).Error?.Kind);
        Assert.NotNull((await drive.Files.ClosedAsync(drive.Context, handle)).Error);
        Assert.Equal("incomplete", await StateAsync(drive, "a"));
        drive.Files.Released(handle);
        Assert.Equal("incomplete", await StateAsync(drive, "a"));
        var row = await CommittedAsync(drive, "a");
        Assert.Equal(Large, drive.Sealed(row.Content!.Value));

        drive.Options = drive.Options with { StagingReserve = 0 };
        await drive.RestartAsync();
        await drive.SaveAsync("a", [1, 2, 3]);
        Assert.Equal(new byte[] { 1, 2, 3 }, drive.Sealed((await CommittedAsync(drive, "a")).Content!.Value));
        Assert.NotEqual("incomplete", await StateAsync(drive, "a"));
    }

    [Fact]
    public async Task A_second_close_waits_for_the_commit_that_the_first_asked_for()
    {
        await using var drive = new TestDrive();
        var handle = await drive.CreateAsync("a");
        await drive.WriteAsync(handle, 0, Large);
        using var other = new SqliteConnection($"Data Source={Path.Combine(drive.Journal.Folder, "journal.db")};Pooling=False");
        other.Open();
        Execute(other, "BEGIN IMMEDIATE");
        var before = drive.Journal.EnqueuedSequence;
        var first = Task.Run(async () => await drive.Files.ClosedAsync(drive.Context, handle), TestContext.Current.CancellationToken);
        SpinWait.SpinUntil(() => drive.Journal.EnqueuedSequence > before, TimeSpan.FromSeconds(10));
        var second = Task.Run(async () => await drive.Files.ClosedAsync(drive.Context, handle), TestContext.Current.CancellationToken);
        Assert.NotSame(second, await Task.WhenAny(second, Task.Delay(300, TestContext.Current.CancellationToken)));
        Execute(other, "ROLLBACK");
        Assert.Null((await first).Error);
        Assert.Null((await second).Error);
        Assert.Single(drive.Rows.Generations(GenerationState.Flushed));
        drive.Files.Released(handle);
    }

    [Fact]
    public async Task What_was_not_closed_when_the_connection_broke_is_kept_and_not_published()
    {
        await using var drive = new TestDrive();
        var half = await drive.CreateAsync("half");
        await drive.WriteAsync(half, 0, Large);
        drive.Files.Abandoned(half);
        var closed = await drive.CreateAsync("closed");
        await drive.WriteAsync(closed, 0, Large);
        Assert.Null((await drive.Files.ClosedAsync(drive.Context, closed)).Error);
        drive.Files.Abandoned(closed);
        Assert.Null((await CommittedAsync(drive, "half")).Content);
        Assert.NotNull((await CommittedAsync(drive, "closed")).Content);
        Assert.Equal("interrupted", await StateAsync(drive, "half"));
        Assert.Equal(Large, await drive.LoadAsync("half"));
    }

    [Fact]
    public async Task An_interrupted_file_that_is_cut_is_never_a_name_for_nothing()
    {
        await using var drive = new TestDrive();
        await drive.WriteAsync(await drive.CreateAsync("a"), 0, Large);
        drive.KillAndRestart();
        var before = (await CommittedAsync(drive, "a")).Open;
        var sequence = drive.Journal.EnqueuedSequence;
        var handle = await drive.OpenAsync("a", OpenFlags.Write | OpenFlags.Truncate);
        Assert.Equal(sequence + 1, drive.Journal.EnqueuedSequence); // a kill has the one or the other
        Assert.NotEqual(before, (await CommittedAsync(drive, "a")).Open);
        drive.KillAndRestart();
        Assert.Equal("interrupted", await StateAsync(drive, "a"));
        Assert.Empty(await drive.LoadAsync("a"));
        _ = handle;
    }

    [Fact]
    public async Task An_incomplete_file_is_whole_again_when_it_was_written_from_its_start_and_cut_there()
    {
        await using var drive = new TestDrive();
        await drive.WriteAsync(await drive.CreateAsync("a"), 0, Large);
        var open = (await CommittedAsync(drive, "a")).Open!.Value;
        drive.Journal.Commit(writer => writer.MarkIncomplete(open));
        drive.KillAndRestart();
        var handle = await drive.OpenAsync("a", OpenFlags.Write);
        await drive.WriteAsync(handle, 0, Pattern(3000, 4));
        Assert.NotNull((await drive.Files.ClosedAsync(drive.Context, handle)).Error); // what lies behind is not known
        await drive.Files.SetAttributesAsync(drive.Context, (await drive.NodeAsync("a")).Id, handle, new AttributeChanges { Size = 3000 });
        await drive.CloseAsync(handle);
        Assert.Equal(Pattern(3000, 4), drive.Sealed((await CommittedAsync(drive, "a")).Content!.Value));
    }

    internal static byte[] Pattern(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this test
        command.CommandText = text;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static async Task<NodeRow> CommittedAsync(TestDrive drive, string path)
    {
        drive.Journal.WaitCommitted(drive.Journal.EnqueuedSequence);
        return drive.Rows.Node((await drive.NodeAsync(path)).Id.Value)!;
    }

    private static async Task<string> StateAsync(TestDrive drive, string path) => System.Text.Encoding.ASCII.GetString(
        (await drive.Files.GetExtendedAttributeAsync(drive.Context, (await drive.NodeAsync(path)).Id, "user.syncagent.state")).Value);

    [Fact]
    public async Task What_was_interrupted_is_sent_when_its_user_accepts_it_and_goes_when_he_discards_it()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("changed", TestDrive.Text("closed once"));
        await drive.PublishAsync();
        foreach (var name in (string[])["taken", "dropped"]) await drive.WriteAsync(await drive.CreateAsync(name), 0, TestDrive.Text("half"));
        await drive.WriteAsync(await drive.OpenAsync("changed"), 7, TestDrive.Text("for ever"));
        drive.KillAndRestart();

        var cancellation = TestContext.Current.CancellationToken;
        Assert.Null((await drive.Files.SettleInterruptedAsync("taken", accept: true, cancellation)).Error);
        Assert.Null((await drive.Files.SettleInterruptedAsync("dropped", accept: false, cancellation)).Error);
        Assert.Null((await drive.Files.SettleInterruptedAsync("changed", accept: false, cancellation)).Error);
        Assert.Equal(FsErrorKind.InvalidArgument, (await drive.Files.SettleInterruptedAsync("taken", accept: true, cancellation)).Error?.Kind);
        Assert.Equal(FsErrorKind.NotFound, (await drive.Files.SettleInterruptedAsync("dropped", accept: true, cancellation)).Error?.Kind);
        await drive.PublishAsync();
        Assert.Equal(TestDrive.Text("half"), drive.Bucket.Bytes("p/taken"));
        Assert.Null(drive.Bucket.Bytes("p/dropped"));
        Assert.Equal(TestDrive.Text("closed once"), drive.Bucket.Bytes("p/changed"));
        Assert.Equal(TestDrive.Text("closed once"), await drive.LoadAsync("changed"));
        drive.KillAndRestart();
        Assert.Equal(["changed", "taken"], await drive.NamesAsync(""));
    }
}
