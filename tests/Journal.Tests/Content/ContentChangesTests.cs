using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

public sealed class ContentChangesTests : IDisposable
{
    private const int Size = 4000;

    private readonly TestDrive _drive = new(new ManualTimeProvider()) { IsDurable = false };

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void What_is_told_as_unchanged_since_the_synced_version_is_the_same_bytes()
    {
        var random = new Random(4711);
        var told = 0;
        for (var round = 0; round < 60; round++)
        {
            var former = TestDrive.Bytes(Size, round);
            var node = _drive.MakeFile($"f{round}", former);
            var synced = Confirm(node);
            var changed = new bool[Size];
            for (var step = random.Next(1, 6); step > 0; step--)
            {
                Change(node, changed, random);
                if (random.Next(2) == 0) _drive.JoinBase(node);
                if (random.Next(4) == 0) synced = Resync(node, ref former, ref changed, synced);
            }

            var content = _drive.Reader.Content(Node(node).Content!.Value)!;
            var now = _drive.ReadContent(content.Generation.Id);
            var map = ContentChanges.Since(_drive.Journal.Files, content, Remote(node, synced));
            if (content.Generation.Id == synced) continue;
            Assert.NotNull(map);
            foreach (var piece in map.Pieces(now.Length).Where(piece => piece.Owner == ExtentOwner.Base))
            {
                told++;
                Assert.True(
                    former.AsSpan((int)piece.Start, (int)piece.Length).SequenceEqual(now.AsSpan((int)piece.Start, (int)piece.Length)), $"round {round}: {piece}");
            }

            // Nothing is called changed that was not: random bytes are hardly ever the same again.
            for (var at = 0; at < Math.Min(now.Length, former.Length); at++)
                if (!changed[at]) Assert.Equal(ExtentOwner.Base, map.At(at, at + 1).Owner);
        }

        Assert.True(told > 50, $"{told} pieces");
    }

    [Fact]
    public void Nothing_is_told_of_a_version_that_does_not_stand_below()
    {
        var node = _drive.MakeFile("a", TestDrive.Bytes(Size, 1));
        var first = Confirm(node);
        _drive.Write(node, TestDrive.Bytes(Size, 2));
        Assert.Null(Told(node, first));
        _drive.Overlay(node, overlay => overlay.Write(5, [1, 2, 3]));
        Assert.Null(Told(node, first));
        _drive.JoinBase(node);
        Assert.Null(Told(node, first));
    }

    [Fact]
    public void A_lost_log_tells_nothing_also_after_the_next_change()
    {
        var node = _drive.MakeFile("a", TestDrive.Bytes(Size, 1));
        var synced = Confirm(node);
        _drive.Overlay(node, overlay => overlay.Write(5, [1, 2, 3]));
        _drive.JoinBase(node);
        Assert.NotNull(Told(node, synced));
        File.Delete(_drive.Journal.Files.MapOf(_drive.Reader.Generation(Node(node).Content!.Value)!.Staging));
        Assert.Null(Told(node, synced));
        _drive.Overlay(node, overlay => overlay.Write(50, [1, 2, 3]));
        Assert.Null(Told(node, synced));
        _drive.JoinBase(node);
        Assert.Null(Told(node, synced));
    }

    [Fact]
    public void A_folding_that_was_done_twice_tells_the_same()
    {
        var node = _drive.MakeFile("a", TestDrive.Bytes(Size, 1));
        var synced = Confirm(node);
        _drive.Overlay(node, overlay => overlay.Write(100, [1, 2, 3]));
        _drive.JoinBase(node);
        var second = _drive.Overlay(node, overlay =>
        {
            overlay.Truncate(3000);
            overlay.Write(3500, [4, 5]);
        });
        _drive.Change(writer => writer.MarkFolding(second));
        var source = _drive.Reader.Content(second)!;
        ContentChanges.Keep(_drive.Journal.Files, source, ExtentLog.Read(_drive.Journal.Files.MapOf(source.Generation.Staging), Size)); // then the kill
        Folding.Redo(_drive.Journal, source);
        Extent[] expected =
        [
            new(0, 100, ExtentOwner.Base), new(100, 103, ExtentOwner.Overlay), new(103, 3000, ExtentOwner.Base),
            new(3000, 3500, ExtentOwner.Zeros), new(3500, 3502, ExtentOwner.Overlay),
        ];
        Assert.Equal(expected, Told(node, synced)!.Pieces(3502));
    }

    [Fact]
    public void A_content_of_which_the_base_was_fetched_whole_tells_what_changed_over_the_object()
    {
        var node = _drive.MakeFile("a", TestDrive.Bytes(Size, 1));
        var synced = Confirm(node);
        _drive.Change(writer => writer.EvictContent(node));
        var generation = _drive.WriteOver(node, 7, [1, 2], Size);
        _drive.Change(writer => writer.DetachBase(generation));
        Assert.Equal([(0L, 7L), (9L, (long)Size)], Told(node, synced)!.Pieces(Size).Where(p => p.Owner == ExtentOwner.Base).Select(p => (p.Start, p.End)));
    }

    private NodeRow Node(long node) => _drive.Reader.Node(node)!;

    private ExtentMap? Told(long node, long since) =>
        ContentChanges.Since(_drive.Journal.Files, _drive.Reader.Content(Node(node).Content!.Value)!, Remote(node, since));

    private static RemoteState Remote(long node, long? generation) => new($"p/{node}", "etag", null, null, Size, 1, generation, 0, Proof.Crc64);

    private long Confirm(long node)
    {
        var row = Node(node);
        _drive.Change(writer => writer.ConfirmRemote(_drive.Row.Id, node, Remote(node, row.Content) with { Size = row.Size }, null, 0));
        return row.Content!.Value;
    }

    // Synced again, which replaces what the changes are told against; or the content was replaced by a write of the whole.
    private long Resync(long node, ref byte[] former, ref bool[] changed, long synced)
    {
        if (Node(node).Content == synced) return synced;
        former = _drive.ReadContent(Node(node).Content!.Value);
        changed = new bool[Math.Max(former.Length, Size * 2)];
        return Confirm(node);
    }

    private void Change(long node, bool[] changed, Random random) => _drive.Overlay(node, overlay =>
    {
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var offset = random.Next(Size + (Size / 4));
            if (random.Next(4) == 0)
            {
                overlay.Truncate(offset);
                Array.Fill(changed, true, Math.Min(offset, changed.Length), changed.Length - Math.Min(offset, changed.Length));
            }
            else
            {
                var bytes = TestDrive.Bytes(random.Next(1, 300), random.Next());
                overlay.Write(offset, bytes);
                for (var at = offset; at < Math.Min(changed.Length, offset + bytes.Length); at++) changed[at] = true;
            }
        }
    });
}
