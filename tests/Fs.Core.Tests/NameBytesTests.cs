using System.Text;

namespace SyncAgent.Fs.Core.Tests;

public class NameBytesTests
{
    private const int Samples = 50_000;

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0xFF, (byte)'b' }, "a‛FFb")]
    [InlineData(new byte[] { 0xC3 }, "‛C3")] // cut off
    [InlineData(new byte[] { 0xC0, 0x80 }, "‛C0‛80")] // overlong
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "‛ED‛A0‛80")] // surrogate
    [InlineData(new byte[] { 0xF0, 0x9F, 0x98, (byte)'x', 0xC3, 0xA9 }, "‛F0‛9F‛98xé")]
    [InlineData(new byte[] { 0xC3, 0xA9 }, "é")]
    public void Bytes_have_the_name_that_is_documented(byte[] bytes, string expected)
    {
        Assert.True(NameBytes.TryGetName(bytes, out var name));
        Assert.Equal(expected, name);
        Assert.Equal(bytes, BytesOf(name));
    }

    [Theory]
    [InlineData("it‛s")]
    [InlineData("‛41")] // a digit pair below the raw bytes
    [InlineData("‛ff")]
    [InlineData("‛00")]
    [InlineData("‛C3‛A9")] // would be é
    [InlineData("‛C3‛A9‛FF")]
    [InlineData("‛")]
    [InlineData("x‛F")]
    public void A_name_that_no_raw_bytes_give_is_its_own_text(string name)
    {
        Assert.Equal(Encoding.UTF8.GetBytes(name), BytesOf(name));
        Assert.True(NameBytes.TryGetName(Encoding.UTF8.GetBytes(name), out var again));
        Assert.Equal(name, again);
    }

    [Theory]
    [InlineData("‛FF")]
    [InlineData("x‛80y")]
    public void A_text_that_stands_for_other_bytes_is_refused(string text) =>
        Assert.False(NameBytes.TryGetName(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Every_name_has_bytes_of_its_own_and_comes_back()
    {
        var random = new Random(1);
        string[] pieces = ["‛", "‛", "‛C3", "‛A9", "‛FF", "8", "0", "F", "f", "é", "a", "😀", "‛E2‛80", "‛9B"];
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < Samples; i++)
        {
            var name = string.Concat(random.GetItems(pieces, random.Next(1, 6)));
            var bytes = BytesOf(name);
            Assert.True(NameBytes.TryGetName(bytes, out var again), name);
            Assert.Equal(name, again);
            var hex = Convert.ToHexString(bytes);
            Assert.True(seen.TryAdd(hex, name) || seen[hex] == name, $"{name} and {seen[hex]} are both {hex}");
        }
    }

    [Fact]
    public void All_bytes_come_back_or_are_refused_as_the_text_of_others()
    {
        var random = new Random(2);
        byte[] bytes = [.. "‛"u8, .. "‛"u8, 0xC3, 0xA9, 0xFF, 0xE2, 0x80, 0x9B, .. "8CF9A0"u8];
        var raw = 0;
        for (var i = 0; i < Samples; i++)
        {
            var sample = random.GetItems(bytes, random.Next(1, 12));
            if (NameBytes.TryGetName(sample, out var name))
            {
                Assert.Equal(sample, BytesOf(name));
                if (!System.Text.Unicode.Utf8.IsValid(sample)) raw++;
            }
            else
            {
                // Only for the sake of others: a text with a code in it.
                Assert.Matches("‛[89A-F][0-9A-F]", name);
                Assert.NotEqual(sample, BytesOf(name));
            }
        }

        Assert.True(raw > Samples / 2, $"{raw} samples were no UTF-8");
    }

    private static byte[] BytesOf(string name)
    {
        var bytes = new byte[NameBytes.Count(name)];
        Assert.Equal(bytes.Length, NameBytes.Write(name, bytes));
        return bytes;
    }
}
