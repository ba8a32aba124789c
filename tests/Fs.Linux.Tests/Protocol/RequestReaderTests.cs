using System.Text;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux.Tests.Protocol;

public class RequestReaderTests
{
    [Fact]
    public void Takes_structs_and_names_in_order()
    {
        byte[] bytes = [1, 0, 0, 0, 2, 0, 0, 0, .. "größe"u8, 0, .. "b"u8, 0];
        var reader = new RequestReader(bytes);
        Assert.Equal((1u, 2u), (reader.Read<fuse_mkdir_in>() is var mkdir ? mkdir.mode : 0, mkdir.umask));
        Assert.Equal(Errno.None, reader.ReadName(out var first));
        Assert.Equal(Errno.None, reader.ReadName(out var second));
        Assert.Equal(("größe", "b", 0), (first, second, reader.Remaining));
    }

    [Fact]
    public void A_short_struct_is_a_protocol_error() =>
        Assert.Throws<FuseProtocolException>(() => new RequestReader(new byte[39]).Read<fuse_in_header>());

    [Fact]
    public void A_name_without_an_end_is_a_protocol_error() =>
        Assert.Throws<FuseProtocolException>(() => new RequestReader("name"u8).ReadName(out _));

    [Theory]
    [InlineData(new byte[] { 0xFF, 0 })]
    [InlineData(new byte[] { 0xC0, 0x80, 0 })] // overlong zero
    [InlineData(new byte[] { 0xED, 0xA0, 0x80, 0 })] // surrogate
    [InlineData(new byte[] { 0xE2, 0x82, 0 })] // cut off
    public void An_attribute_or_a_link_that_is_not_UTF8_is_EILSEQ(byte[] bytes)
    {
        Assert.Equal(Errno.EILSEQ, new RequestReader(bytes).ReadAttributeName(out _));
        Assert.Equal(Errno.EILSEQ, new RequestReader(bytes).ReadText(100, out _));
    }

    [Fact]
    public void A_name_may_be_any_bytes_but_not_the_text_that_stands_for_others()
    {
        Assert.Equal(Errno.None, new RequestReader([(byte)'a', 0xFF, 0]).ReadName(out var name));
        Assert.Equal("a‛FF", name);
        Assert.Equal(Errno.EILSEQ, new RequestReader([.. "a‛FF"u8, 0]).ReadName(out _));
    }

    [Theory]
    [InlineData(255, Errno.None)]
    [InlineData(256, Errno.ENAMETOOLONG)]
    public void Names_have_at_most_255_bytes(int length, object expected) =>
        Assert.Equal(expected, new RequestReader(Encoding.ASCII.GetBytes(new string('x', length) + '\0')).ReadName(out _));
}
