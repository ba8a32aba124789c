using System.Text;

namespace SyncAgent.Store.Tests;

public class Crc64Tests
{
    [Theory]
    [InlineData("", 0UL)]
    [InlineData("123456789", 0x995dc9bbdf1939faUL)]
    [InlineData("This is a test of the emergency broadcast system.", 0x27db187fc15bbc72UL)]
    public void Known_answers(string text, ulong expected)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(expected, Crc64.Compute(bytes));
        Assert.Equal(expected, BitByBit(bytes));
    }

    [Fact]
    public void Every_length_up_to_1100_and_every_alignment_agrees_with_the_definition()
    {
        var bytes = new byte[1100 + 16];
        new Random(64).NextBytes(bytes);
        for (var length = 0; length <= 1100; length++)
        {
            var slice = bytes.AsSpan(length % 16, length);
            Assert.Equal(BitByBit(slice), Crc64.Compute(slice));
            Assert.Equal(BitByBit(slice), ~Crc64Tables.Update(ulong.MaxValue, slice));
        }
    }

    [Fact]
    public void Appending_in_random_pieces_equals_one_pass_and_combining_the_pieces()
    {
        var random = new Random(65);
        for (var round = 0; round < 200; round++)
        {
            var bytes = new byte[random.Next(0, 20_000)];
            random.NextBytes(bytes);
            var whole = Crc64.Compute(bytes);

            var appended = new Crc64();
            ulong combined = 0;
            for (var at = 0; at < bytes.Length;)
            {
                var piece = bytes.AsSpan(at, random.Next(0, Math.Min(bytes.Length - at, 3000) + 1));
                appended.Append(piece);
                combined = Crc64.Combine(combined, Crc64.Compute(piece), piece.Length);
                at += piece.Length;
            }

            Assert.Equal(whole, appended.Value);
            Assert.Equal(whole, combined);
        }
    }

    [Fact]
    public void Combining_with_very_long_runs_follows_from_doubling()
    {
        // 2^62 zero bytes, built from one by doubling, against one combination with that length.
        var zeros = Crc64.Compute([0]);
        long length = 1;
        for (var k = 0; k < 62; k++)
        {
            zeros = Crc64.Combine(zeros, zeros, length);
            length *= 2;
        }

        var a = Crc64.Compute("head"u8);
        var stepwise = Crc64.Combine(Crc64.Combine(a, zeros, length), Crc64.Compute("tail"u8), 4);
        var suffix = Crc64.Combine(zeros, Crc64.Compute("tail"u8), 4);
        Assert.Equal(stepwise, Crc64.Combine(a, suffix, length + 4));
        Assert.Equal(a, Crc64.Combine(a, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Crc64.Combine(1, 2, -1));
    }

    [Fact]
    public void A_changed_bit_anywhere_changes_the_checksum()
    {
        var bytes = new byte[700];
        new Random(66).NextBytes(bytes);
        var right = Crc64.Compute(bytes);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(right, Crc64.Compute(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Appending_allocates_nothing()
    {
        var bytes = new byte[4096];
        Crc64.Compute(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ulong crc = 0;
        for (var i = 0; i < 1000; i++) crc = Crc64.Combine(Crc64.Append(crc, bytes), 1, 5);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    // The definition, one bit at a time, with nothing shared with the product.
    private static ulong BitByBit(ReadOnlySpan<byte> bytes)
    {
        var register = ulong.MaxValue;
        foreach (var value in bytes)
        {
            register ^= value;
            for (var bit = 0; bit < 8; bit++) register = (register & 1) == 0 ? register >> 1 : (register >> 1) ^ 0xC96C5795D7870F42UL;
        }

        return ~register;
    }
}
