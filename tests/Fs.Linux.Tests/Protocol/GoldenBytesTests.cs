using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;
using SyncAgent.Fs.Linux.Tests.Doubles;

namespace SyncAgent.Fs.Linux.Tests.Protocol;

/// <summary>Whole messages as bytes, written by hand from the kernel's header: a mistake in both layout and code shows here.</summary>
public class GoldenBytesTests
{
    private readonly AdapterRig _rig = new();

    [Fact]
    public void A_mkdir_and_its_reply()
    {
        Handle("""
            33000000 09000000 0700000000000000 0100000000000000
            e8030000 e9030000 00000000 0000 0000
            ed010000 12000000 6e65 00
            """);
        var reply = Reply();
        Assert.Equal("90000000" + "00000000" + "0700000000000000", reply[..32]); // 144 bytes, no error
        Assert.Equal("2b00000000000000" + "0000000000000000", reply[32..64]); // nodeid 43, generation 0
        Assert.Equal("3c00000000000000" + "3c00000000000000" + "00000000" + "00000000", reply[64..112]); // 60 s each
        Assert.Equal("2b00000000000000" + "0000000000000000" + "0000000000000000", reply[112..160]); // ino, size, blocks
        Assert.Equal("ed410000" + "02000000" + "e8030000" + "e9030000" + "00000000" + "00000100" + "00000000", reply[^56..]);
    }

    [Fact]
    public void A_write_a_read_and_their_replies()
    {
        var (_, handle) = _rig.Create("f");
        Handle($"""
            53000000 10000000 0800000000000000 2b00000000000000
            e8030000 e9030000 00000000 0000 0000
            {Little(handle)} 0200000000000000 03000000 00000000 0000000000000000 00000000 00000000
            616263
            """);
        Assert.Equal("18000000" + "00000000" + "0800000000000000" + "03000000" + "00000000", Reply());
        Handle($"""
            50000000 0f000000 0900000000000000 2b00000000000000
            e8030000 e9030000 00000000 0000 0000
            {Little(handle)} 0000000000000000 00100000 00000000 0000000000000000 00000000 00000000
            """);
        Assert.Equal("15000000" + "00000000" + "0900000000000000" + "0000616263", Reply());
    }

    [Fact]
    public void A_failed_lookup()
    {
        Handle("""
            2a000000 01000000 0a00000000000000 0100000000000000
            00000000 00000000 00000000 0000 0000
            7800
            """);
        Assert.Equal("10000000" + "feffffff" + "0a00000000000000", Reply()); // -ENOENT
    }

    [Fact]
    public void A_directory_record()
    {
        _rig.Create("abc");
        var handle = _rig.Send(FuseOpcode.OpenDir, 1, new byte[8]).As<fuse_open_out>().fh;
        Handle($"""
            50000000 1c000000 0b00000000000000 0100000000000000
            00000000 00000000 00000000 0000 0000
            {Little(handle)} 0200000000000000 00100000 00000000 0000000000000000 00000000 00000000
            """);
        Assert.Equal(
            "30000000" + "00000000" + "0b00000000000000"
            + "2b00000000000000" + "0300000000000000" + "03000000" + "08000000" + "616263" + "0000000000", // DT_REG, padded to 8
            Reply());
    }

    [Fact]
    public void Notifications()
    {
        var buffer = new byte[512];
        var length = KernelNotifier.EncodeNode(buffer, 43);
        Assert.Equal(
            "28000000" + "02000000" + "0000000000000000" + "2b00000000000000" + "ffffffffffffffff" + "0000000000000000",
            Convert.ToHexStringLower(buffer.AsSpan(0, length)));
        length = KernelNotifier.EncodeEntry(buffer, 1, "ab");
        Assert.Equal(
            "23000000" + "03000000" + "0000000000000000" + "0100000000000000" + "02000000" + "00000000" + "616200",
            Convert.ToHexStringLower(buffer.AsSpan(0, length)));
    }

    private static string Little(ulong value) => Convert.ToHexStringLower(BitConverter.GetBytes(value));

    private void Handle(string hex)
    {
        var bytes = Convert.FromHexString(string.Concat(hex.Where(c => !char.IsWhiteSpace(c))));
        var request = _rig.Requests.Rent();
        bytes.CopyTo(request.Buffer);
        request.Begin(bytes.Length);
        Assert.True(_rig.Run(request));
        _rig.Requests.Return(request);
    }

    private string Reply()
    {
        Assert.True(_rig.Channel.Messages.TryDequeue(out var message));
        return Convert.ToHexStringLower(message);
    }
}
