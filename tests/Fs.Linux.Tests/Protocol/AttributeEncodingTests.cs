using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux.Tests.Protocol;

public class AttributeEncodingTests
{
    private static readonly NodeAttributes Node = new(
        new NodeId(77), NodeKind.File, Size: 513, Mode: 0x9ED, Uid: 5, Gid: 6, AccessTime: 1_500_000_000, ModifyTime: -1, ChangeTime: -1_000_000_000, LinkCount: 1)
    {
        CacheFor = TimeSpan.FromMilliseconds(2500),
    };

    [Fact]
    public void Attributes_become_the_kernels()
    {
        var attr = AttributeEncoding.Encode(Node);
        Assert.Equal((77ul, 513ul, 2ul), (attr.ino, attr.size, attr.blocks));
        Assert.Equal(0x89EDu, attr.mode); // S_IFREG, set-user-id, rwxr-xr-x
        Assert.Equal((5u, 6u, 1u), (attr.uid, attr.gid, attr.nlink));
    }

    [Fact]
    public void Nanoseconds_stay_positive_before_1970()
    {
        var attr = AttributeEncoding.Encode(Node);
        Assert.Equal((1L, 500_000_000u), (attr.atime, attr.atimensec));
        Assert.Equal((-1L, 999_999_999u), (attr.mtime, attr.mtimensec));
        Assert.Equal((-1L, 0u), (attr.ctime, attr.ctimensec));
    }

    [Fact]
    public void Cache_times_are_split()
    {
        var entry = AttributeEncoding.EncodeEntry(9, Node);
        Assert.Equal((9ul, 2ul, 500_000_000u, 2ul, 500_000_000u), (entry.nodeid, entry.entry_valid, entry.entry_valid_nsec, entry.attr_valid, entry.attr_valid_nsec));
    }

    [Theory]
    [InlineData(NodeKind.File, 0x8000)]
    [InlineData(NodeKind.Directory, 0x4000)]
    [InlineData(NodeKind.Symlink, 0xA000)]
    public void Every_kind_has_its_bits(NodeKind kind, uint bits) => Assert.Equal(bits, AttributeEncoding.KindBits(kind));

    [Fact]
    public void Setattr_without_bits_changes_nothing() =>
        Assert.Equal(default, AttributeEncoding.Decode(new fuse_setattr_in { size = 1, mode = 2, uid = 3, gid = 4, atime = 5, mtime = 6 }));

    [Fact]
    public void Setattr_takes_the_marked_fields()
    {
        var changes = AttributeEncoding.Decode(new fuse_setattr_in
        {
            valid = 1 | 2 | 4 | 8 | 0x10 | 0x20,
            mode = 0x81FF,
            uid = 1,
            gid = 2,
            size = 3,
            atime = -1,
            atimensec = 5,
            mtime = 1,
            mtimensec = 7,
        });
        Assert.Equal(
            new AttributeChanges { Mode = 0x1FF, Uid = 1, Gid = 2, Size = 3, AccessTime = -999_999_995, ModifyTime = 1_000_000_007 }, changes);
    }

    [Fact]
    public void Now_wins_over_a_given_time() => Assert.Equal(
        new AttributeChanges { AccessTimeNow = true, ModifyTimeNow = true },
        AttributeEncoding.Decode(new fuse_setattr_in { valid = 0x10 | 0x20 | 0x80 | 0x100, atime = 9, mtime = 9 }));

    [Theory]
    [InlineData(0x800, true)] // FATTR_KILL_SUIDGID of a truncate
    [InlineData(2, true)] // chown
    [InlineData(4, true)]
    [InlineData(2 | 1, false)] // the new mode is given
    [InlineData(8, false)] // truncate by somebody privileged
    public void Set_id_bits_are_cleared_as_Linux_does(uint valid, bool clear) =>
        Assert.Equal(clear, AttributeEncoding.Decode(new fuse_setattr_in { valid = valid }).ClearSetId);

    [Fact]
    public void A_time_beyond_64_bits_of_nanoseconds_is_held_at_the_end() => Assert.Equal(
        long.MaxValue, AttributeEncoding.Decode(new fuse_setattr_in { valid = 0x20, mtime = long.MaxValue, mtimensec = 999_999_999 }).ModifyTime);
}
