using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

public sealed class GenerationTests : IDisposable
{
    private readonly TestDrive _drive = new(new ManualTimeProvider());

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void A_sealed_generation_discards_the_one_before_once_it_is_durable_itself()
    {
        var node = _drive.MakeFile("a", [1]);
        var first = _drive.Reader.Generation(_drive.Reader.Node(node)!.Content!.Value)!;
        var second = _drive.Write(node, [2, 3]);
        var sealedAt = _drive.Reader.Generation(second)!.SealedSequence;
        _drive.Change(writer => writer.RetireUpTo(sealedAt - 1));
        Assert.NotNull(_drive.Reader.Generation(first.Id));
        Assert.Empty(_drive.Reader.Discards());
        _drive.Change(writer => writer.RetireUpTo(sealedAt));
        Assert.Null(_drive.Reader.Generation(first.Id));
        Assert.Equal([first.Staging], _drive.Reader.Discards());
        var row = _drive.Reader.Node(node)!;
        Assert.Equal((second, null, 2L, true), (row.Content, row.Open, row.Size, row.Pending));
    }

    [Fact]
    public void A_base_lives_as_long_as_an_overlay_stands_on_it_and_folding_makes_them_one()
    {
        var node = _drive.MakeFile("a", [1, 2, 3, 4, 5, 6]);
        var lower = _drive.Reader.Generation(_drive.Reader.Node(node)!.Content!.Value)!;
        var overlay = Overlay(node, lower, at: 2, [8, 9]);
        Assert.NotNull(_drive.Reader.Generation(lower.Id));
        Assert.Equal([1, 2, 8, 9, 5, 6], Read(overlay));

        using (_drive.Journal.Pins.TryPin(lower.Id)) Assert.False(Folding.TryFold(_drive.Journal, _drive.Reader.Content(overlay)!));
        using (var reader = ContentReader.Open(_drive.Journal.Files, _drive.Reader.Content(overlay)!))
        {
            Assert.True(Folding.TryFold(_drive.Journal, _drive.Reader.Content(overlay)!));
            var seen = new byte[6];
            Assert.Equal(6, reader.Read(0, seen)); // opened before, still whole
            Assert.Equal([1, 2, 8, 9, 5, 6], seen);
        }

        var folded = _drive.Reader.Generation(overlay)!;
        Assert.Equal((BaseKind.None, lower.Staging, false), (folded.Base, folded.Staging, folded.Folding));
        Assert.Null(_drive.Reader.Generation(lower.Id));
        Assert.Single(_drive.Reader.Discards());
        Assert.Equal([1, 2, 8, 9, 5, 6], Read(overlay));
    }

    [Fact]
    public void Folding_that_was_cut_short_gives_the_same_bytes_when_done_again()
    {
        var node = _drive.MakeFile("a", [1, 2, 3, 4, 5, 6]);
        var lower = _drive.Reader.Generation(_drive.Reader.Node(node)!.Content!.Value)!;
        var overlay = Overlay(node, lower, at: 4, [8, 9, 10]);
        _drive.Change(writer => writer.MarkFolding(overlay));
        using (var file = StagingFile.OpenForWriting(_drive.Journal.Files.FileOf(lower.Staging))) RandomAccess.Write(file, [8], 4); // half done
        var source = _drive.Reader.Content(Assert.Single(_drive.Reader.FoldingGenerations()).Id)!;
        Folding.Redo(_drive.Journal, source);
        Assert.Equal([1, 2, 3, 4, 8, 9, 10], Read(overlay));
    }

    [Fact]
    public void Detaching_a_base_retires_it()
    {
        var node = _drive.MakeFile("a", [1, 2, 3]);
        var lower = _drive.Reader.Generation(_drive.Reader.Node(node)!.Content!.Value)!;
        var overlay = Overlay(node, lower, at: 0, [7, 8, 9]);
        _drive.Change(writer => writer.DetachBase(overlay));
        Assert.NotNull(_drive.Reader.Generation(lower.Id)); // what a power cut would fall back on
        _drive.Change(writer => writer.RetireUpTo(writer.Sequence));
        Assert.Null(_drive.Reader.Generation(lower.Id));
        Assert.Equal([lower.Staging], _drive.Reader.Discards());
        Assert.Equal([7, 8, 9], Read(overlay));
    }

    [Fact]
    public void A_closed_content_that_a_power_cut_tore_gives_way_to_the_one_before()
    {
        var node = _drive.MakeFile("a", [1]);
        var first = _drive.Reader.Node(node)!.Content!.Value;
        var second = _drive.Write(node, [2]);
        var third = _drive.Write(node, [3]);
        Assert.Equal([third, second], _drive.Reader.ClosedAfter(_drive.Reader.Generation(first)!.SealedSequence).Select(g => g.Id));
        _drive.Change(writer => writer.Distrust(third, node));
        Assert.Equal((second, third), (_drive.Reader.Node(node)!.Content, _drive.Reader.Node(node)!.Open));
        _drive.Change(writer => writer.Distrust(second, node));
        Assert.Equal((first, third), (_drive.Reader.Node(node)!.Content, _drive.Reader.Node(node)!.Open));
        _drive.Change(writer => writer.RetireUpTo(writer.Sequence));
        Assert.NotNull(_drive.Reader.Generation(first));
    }

    [Fact]
    public void A_write_after_a_close_voids_it_and_a_failed_write_is_not_published()
    {
        var node = _drive.MakeFile("a", [1]);
        var open = _drive.Open(node);
        _drive.Change(writer => writer.FlushGeneration(open, 5, 7, node, 1, 1));
        Assert.Equal(GenerationState.Flushed, _drive.Reader.Generation(open)!.State);
        _drive.Change(writer => writer.VoidFlush(open));
        Assert.Equal(GenerationState.Open, _drive.Reader.Generation(open)!.State);
        _drive.Change(writer => writer.MarkIncomplete(open));
        Assert.Equal(GenerationState.Incomplete, _drive.Reader.Generation(open)!.State);
        Assert.Equal(open, _drive.Reader.Node(node)!.Open);
    }

    [Fact]
    public void Removing_a_node_keeps_the_generation_that_is_still_open_and_its_base()
    {
        var node = _drive.MakeFile("a", [1, 2, 3]);
        var lower = _drive.Reader.Generation(_drive.Reader.Node(node)!.Content!.Value)!;
        var upper = new Generation
        {
            Id = _drive.Journal.NewId(), Node = node, Staging = StagingFolder.NewName(), State = GenerationState.Open, Base = BaseKind.Local,
            BaseGeneration = lower.Id, BaseSize = 3,
        };
        _drive.Change(writer => writer.BeginGeneration(upper));
        _drive.Change(writer => writer.RemoveNode(node, upper.Id, 0));
        Assert.Equal(2, _drive.Reader.OrphanGenerations().Count);
        Assert.Empty(_drive.Reader.Discards());
        _drive.Change(writer => writer.RetireGeneration(upper.Id));
        Assert.Empty(_drive.Reader.OrphanGenerations());
        Assert.Equal(2, _drive.Reader.Discards().Count);
    }

    private long Overlay(long node, Generation lower, long at, byte[] bytes)
    {
        var size = Math.Max(lower.Size, at + bytes.Length);
        var overlay = new Generation
        {
            Id = _drive.Journal.NewId(), Node = node, Staging = StagingFolder.NewName(), State = GenerationState.Open, Base = BaseKind.Local,
            BaseGeneration = lower.Id, BaseSize = lower.Size,
        };
        using (var file = StagingFile.Create(_drive.Journal.Files.FileOf(overlay.Staging))) RandomAccess.Write(file, bytes, at);
        using (var log = ExtentLog.Create(_drive.Journal.Files.MapOf(overlay.Staging), lower.Size)) log.Add(at, at + bytes.Length);
        _drive.Change(writer => writer.BeginGeneration(overlay));
        _drive.Change(writer => writer.SealGeneration(overlay.Id, size, null, node, 1, 1, 0));
        return overlay.Id;
    }

    private byte[] Read(long generation)
    {
        using var reader = ContentReader.Open(_drive.Journal.Files, _drive.Reader.Content(generation)!);
        var bytes = new byte[reader.Size];
        Assert.Equal(bytes.Length, reader.Read(0, bytes));
        return bytes;
    }
}
