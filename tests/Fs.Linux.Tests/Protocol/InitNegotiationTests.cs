using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;
using SyncAgent.Fs.Linux.Tests.Doubles;

namespace SyncAgent.Fs.Linux.Tests.Protocol;

public class InitNegotiationTests
{
    private const uint AllFlags = 0x73fffffb; // what Linux 6.18 offers

    private readonly AdapterRig _rig = new();

    [Fact]
    public void A_current_kernel_gets_what_we_want()
    {
        var agreed = Answer(new fuse_init_in { major = 7, minor = 45, max_readahead = 131072, flags = AllFlags });
        var reply = _rig.Channel.Take().As<fuse_init_out>();
        Assert.Equal((7u, FuseProtocol.Minor, 131072u), (reply.major, reply.minor, reply.max_readahead));
        Assert.Equal((64, 48), ((int)reply.max_background, (int)reply.congestion_threshold));
        Assert.Equal((1u << 20, 256, 1u), (reply.max_write, (int)reply.max_pages, reply.time_gran));
        Assert.Equal((ulong)agreed!.Flags, reply.flags | ((ulong)reply.flags2 << 32));
        Assert.True(agreed.Flags.HasFlag(FuseInitFlags.HandleKillPrivV2 | FuseInitFlags.ParallelDirOps | FuseInitFlags.DoReadDirPlus));
    }

    [Fact]
    public void Nothing_is_taken_that_was_not_offered()
    {
        const uint offered = (uint)(FuseInitFlags.AtomicOTrunc | FuseInitFlags.BigWrites | FuseInitFlags.MaxPages) | (1 << 16);
        Answer(new fuse_init_in { major = 7, minor = 31, flags = offered }, extended: false);
        var reply = _rig.Channel.Take().As<fuse_init_out>();
        Assert.Equal((31u, offered & ~(1u << 16)), (reply.minor, reply.flags)); // no WRITEBACK_CACHE
    }

    [Fact]
    public void A_newer_major_version_is_answered_with_ours_and_asked_again()
    {
        Assert.Null(Answer(new fuse_init_in { major = 8, minor = 0, flags = AllFlags }));
        Assert.Equal(7u, _rig.Channel.Take().As<fuse_init_out>().major);
    }

    [Theory]
    [InlineData(7, 30)]
    [InlineData(6, 99)]
    public void An_old_kernel_is_refused(uint major, uint minor)
    {
        var error = Assert.Throws<FuseException>(() => Answer(new fuse_init_in { major = major, minor = minor, flags = AllFlags }));
        Assert.Equal(FuseFailure.KernelTooOld, error.Failure);
        Assert.Equal(Errno.EPROTO, _rig.Channel.Take().Errno);
    }

    [Fact]
    public void Anything_but_INIT_is_a_protocol_error() => Assert.Throws<FuseProtocolException>(
        () => InitNegotiation.Answer(_rig.Begin(FuseOpcode.StatFs, 1, []), 64));

    private InitResult? Answer(fuse_init_in init, bool extended = true) => InitNegotiation.Answer(
        _rig.Begin(
            FuseOpcode.Init, 0, extended ? AdapterRig.Join(AdapterRig.Bytes(init), AdapterRig.Bytes(default(fuse_init_in_ext))) : AdapterRig.Bytes(init)),
        maxBackground: 64);
}
