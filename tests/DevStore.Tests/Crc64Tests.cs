using System.Text;

namespace SyncAgent.DevStore.Tests;

public class Crc64Tests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("123456789", 0x995dc9bbdf1939fa)]
    [InlineData("This is a test of the emergency broadcast system.", 0x27db187fc15bbc72)]
    public void Known_answers(string text, ulong expected) => Assert.Equal(expected, Crc64.Append(0, Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Pieces_and_combinations_equal_the_whole()
    {
        var random = new Random(64);
        for (int round = 0; round < 500; round++)
        {
            byte[] data = ServerTest.Bytes(random.Next(0, 5000), round);
            int cut = random.Next(0, data.Length + 1);
            ulong whole = Crc64.Append(0, data);
            ulong first = Crc64.Append(0, data.AsSpan(0, cut));
            ulong second = Crc64.Append(0, data.AsSpan(cut));
            Assert.Equal(whole, Crc64.Append(first, data.AsSpan(cut)));
            Assert.Equal(whole, Crc64.Combine(first, second, data.Length - cut));
            Assert.Equal(whole, BitByBit(data));
        }
    }

    /// <summary>The definition, with no table.</summary>
    private static ulong BitByBit(byte[] data)
    {
        ulong crc = ulong.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xC96C5795D7870F42;
        }

        return ~crc;
    }
}
