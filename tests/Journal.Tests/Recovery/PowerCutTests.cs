using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Journal.Planning;
using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

/// <summary>What tests/Torture found at the images of power cuts, reduced to rows.</summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly TestDrive _drive = new(new ManualTimeProvider());

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void A_torn_content_that_was_never_the_files_does_not_cost_the_one_to_fall_back_on()
    {
        var node = _drive.MakeFile("a", [1]);
        var first = _drive.Reader.Node(node)!.Content;
        var second = _drive.Write(node, [2]);
        var third = _drive.Open(node);
        _drive.Change(writer => writer.FlushGeneration(third, 1, null, node, 0, 0));

        // As recovery does: newest first.
        _drive.Change(writer => writer.Distrust(third, node));
        _drive.Change(writer => writer.Distrust(second, node));

        Assert.Equal((first, third), (_drive.Reader.Node(node)!.Content, _drive.Reader.Node(node)!.Open));
        Assert.NotNull(_drive.Reader.Generation(first!.Value));
    }

    [Fact]
    public void A_file_whose_staging_file_did_not_survive_shows_its_closed_content_again()
    {
        var node = _drive.MakeFile("a", [1]);
        var content = _drive.Reader.Node(node)!.Content;
        File.Delete(StagingOf(_drive.Open(node)));
        RecoverAfterReboot();
        Assert.Equal((content, null), (_drive.Reader.Node(node)!.Content, _drive.Reader.Node(node)!.Open));
    }

    [Fact]
    public void What_an_incomplete_content_stands_on_stays_below_it_although_it_is_torn_too()
    {
        var node = _drive.MakeFile("a", [1, 2, 3, 4]);
        var below = _drive.Reader.Node(node)!.Content!.Value;
        var above = _drive.Overlay(node, overlay => overlay.Write(1, [9]));
        _drive.Journal.Doubts.Add(below);
        _drive.Journal.Doubts.Add(above);
        new StagedAudit(_drive.Journal, new LostAndFound(_drive.Folder, _drive.Time), _ => false, NullLogger.Instance).Run(everything: false, CancellationToken.None);
        Assert.Equal((null, above), (_drive.Reader.Node(node)!.Content, _drive.Reader.Node(node)!.Open));
        Assert.NotNull(_drive.Reader.Generation(below));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_torn_contents_the_older_one_stays_in_place_for_its_bytes_may_have_been_fsynced(bool closed)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_drive.Folder, "other")).FullName;
        long node, older, newer;
        using (var before = new TestDrive(_drive.Time, folder) { IsDurable = false })
        {
            node = before.MakeFile("a", [1, 2, 3, 4]);
            older = before.Reader.Node(node)!.Content!.Value;
            newer = closed ? before.Write(node, [1, 2, 3, 4, 5]) : before.Open(node);
            File.WriteAllBytes(before.Journal.Files.FileOf(before.Reader.Generation(older)!.Staging), [1, 2]);
            File.WriteAllBytes(before.Journal.Files.FileOf(before.Reader.Generation(newer)!.Staging), [1]);
            before.Journal.SetValue("boot_id", "another run of the machine");
        }

        using var after = new TestDrive(_drive.Time, folder);
        var lost = new LostAndFound(folder, _drive.Time);
        JournalRecovery.Run(after.Journal, lost, _drive.Time, "this run", NullLogger.Instance);
        new StagedAudit(after.Journal, lost, _ => false, NullLogger.Instance).Run(everything: false, CancellationToken.None);
        Assert.Equal((null, older), (after.Reader.Node(node)!.Content, after.Reader.Node(node)!.Open));
        Assert.Equal(GenerationState.Incomplete, after.Reader.Generation(older)!.State);
        Assert.Equal([1, 2], File.ReadAllBytes(after.Journal.Files.FileOf(after.Reader.Generation(older)!.Staging)));
        Assert.Null(after.Reader.Generation(newer));
        Assert.Equal([1], File.ReadAllBytes(Assert.Single(lost.List()).File));
    }

    [Fact]
    public void A_durable_content_without_a_checksum_is_believed_after_its_folding_was_done_again()
    {
        var node = _drive.MakeFile("a", [1, 2, 3, 4]);
        var overlay = _drive.Overlay(node, change => change.Write(1, [9]));
        _drive.Change(writer => writer.MarkFolding(overlay));
        _drive.Journal.Doubts.Add(overlay);
        new StagedAudit(_drive.Journal, new LostAndFound(_drive.Folder, _drive.Time), _ => false, NullLogger.Instance).Run(everything: false, CancellationToken.None);
        Assert.Equal((overlay, null), (_drive.Reader.Node(node)!.Content, _drive.Reader.Node(node)!.Open));
        Assert.False(_drive.Reader.Generation(overlay)!.Folding);
    }

    [Fact]
    public void A_kill_right_after_a_folding_was_done_again_leaves_no_doubt_of_a_content_without_a_checksum()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_drive.Folder, "other")).FullName;
        long node, overlay;
        using (var before = new TestDrive(_drive.Time, folder))
        {
            node = before.MakeFile("a", [1, 2, 3, 4]);
            overlay = before.Overlay(node, change => change.Write(1, [9]));
            before.Change(writer => writer.MarkFolding(overlay));
            Recover(before);
            Assert.NotNull(before.Journal.Doubts.Of(overlay));
            Folding.Redo(before.Journal, before.Reader.Content(overlay)!);
        }

        using var after = new TestDrive(_drive.Time, folder);
        new StagedAudit(after.Journal, Recover(after), _ => false, NullLogger.Instance).Run(everything: false, CancellationToken.None);
        Assert.Equal((overlay, null), (after.Reader.Node(node)!.Content, after.Reader.Node(node)!.Open));
        Assert.Equal(GenerationState.Sealed, after.Reader.Generation(overlay)!.State);

        static LostAndFound Recover(TestDrive drive)
        {
            var lost = new LostAndFound(drive.Folder, drive.Time);
            JournalRecovery.Run(drive.Journal, lost, drive.Time, "one boot", NullLogger.Instance);
            return lost;
        }
    }

    [Fact]
    public void A_new_file_whose_staging_file_did_not_survive_is_interrupted_and_can_be_opened()
    {
        var node = _drive.Journal.NewId();
        _drive.Change(writer => writer.PutNode(_drive.Node(node, _drive.Root, "a", NodeType.File) with { Pending = false }));
        var generation = _drive.Open(node);
        File.Delete(StagingOf(generation));
        RecoverAfterReboot();
        Assert.Equal(generation, _drive.Reader.Node(node)!.Open);
        Assert.Empty(File.ReadAllBytes(StagingOf(generation)));
    }

    [Fact]
    public void A_folder_that_is_renamed_finds_by_its_rows_what_was_confirmed_below_it()
    {
        var folder = _drive.MakeDirectory("d");
        var node = _drive.MakeFile("f", [1], folder);
        var before = _drive.Reader.Node(node)!;
        var remote = new RemoteState("d/f", "etag", null, null, 1, 0, before.Content, before.AttributeVersion, Proof.Crc64);
        _drive.Change(writer => writer.ConfirmRemote(_drive.Row.Id, node, remote, null, _drive.Now));
        _drive.Rename(folder, "e");

        // The planner had looked before the rename and settles after it.
        _drive.Change(writer => writer.Settle(node, before.Changed));
        Assert.True(_drive.Reader.Node(node)!.Pending);
    }

    [Fact]
    public void What_voids_a_durable_close_is_durable_before_the_write_that_follows()
    {
        var journal = _drive.Journal;
        var closed = journal.Enqueue(_ => { });
        journal.WaitCommitted(closed);
        var synced = journal.SyncedSequence;
        journal.WaitVoided(journal.Enqueue(_ => { }), closed);
        Assert.Equal(synced, journal.SyncedSequence); // the close itself would not survive

        journal.CommitDurable(closed);
        var voided = journal.Enqueue(_ => { });
        journal.WaitCommitted(voided); // by whomever
        journal.WaitVoided(voided, closed);
        Assert.Equal(voided, journal.SyncedSequence);
    }

    [Fact]
    public void What_another_thread_has_committed_is_flushed_all_the_same()
    {
        var journal = _drive.Journal;
        var log = Path.Combine(_drive.Folder, "journal.db-wal");
        var intent = journal.Enqueue(_ => { });
        journal.WaitCommitted(intent);
        var before = new FileInfo(log).Length;
        journal.CommitFull(intent);
        Assert.True(new FileInfo(log).Length > before, "a commit that changes nothing flushes nothing");

        before = new FileInfo(log).Length;
        journal.CommitFull(intent);
        Assert.Equal(before, new FileInfo(log).Length); // once is enough
    }

    [Fact]
    public void A_close_is_not_shown_as_durable_while_the_content_before_it_is_being_sent()
    {
        var row = _drive.Node(2, 1, "a", NodeType.File) with { Changed = 7, Content = 5 };
        Assert.Equal(FileState.Closing, FileStates.Of(row, open: null, beingWritten: false, uploading: true, durable: 6));
        Assert.Equal(FileState.Uploading, FileStates.Of(row, open: null, beingWritten: false, uploading: true, durable: 7));
    }

    private string StagingOf(long generation) => _drive.Journal.Files.FileOf(_drive.Reader.Generation(generation)!.Staging);

    private void RecoverAfterReboot()
    {
        _drive.Journal.SetValue("boot_id", "another run of the machine");
        JournalRecovery.Run(_drive.Journal, new LostAndFound(_drive.Folder, _drive.Time), _drive.Time, "this run", NullLogger.Instance);
    }
}
