using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SyncAgent.DevStore;

/// <summary>
/// CRC-64/XZ, the checksum of <c>x-oss-hash-crc64ecma</c>: reflected polynomial 0xC96C5795D7870F42, start and final xor all
/// ones. Written independently of the client's on purpose, so that the two can disagree.
/// </summary>
internal static class Crc64
{
    private const ulong Polynomial = 0xC96C5795D7870F42;
    private const int Slices = 8;
    private static readonly ulong[] Tables = BuildTables();

    /// <summary>Continues <paramref name="crc"/> (0 for none yet) over more bytes.</summary>
    public static ulong Append(ulong crc, ReadOnlySpan<byte> data)
    {
        ref ulong table = ref MemoryMarshal.GetArrayDataReference(Tables);
        ulong state = ~crc;
        while (data.Length >= 8)
        {
            ulong word = state ^ BinaryPrimitives.ReadUInt64LittleEndian(data);
            state = At(ref table, 7, (byte)word)
                ^ At(ref table, 6, (byte)(word >> 8))
                ^ At(ref table, 5, (byte)(word >> 16))
                ^ At(ref table, 4, (byte)(word >> 24))
                ^ At(ref table, 3, (byte)(word >> 32))
                ^ At(ref table, 2, (byte)(word >> 40))
                ^ At(ref table, 1, (byte)(word >> 48))
                ^ At(ref table, 0, (byte)(word >> 56));
            data = data[8..];
        }

        foreach (byte b in data)
            state = At(ref table, 0, (byte)(state ^ b)) ^ (state >> 8);
        return ~state;
    }

    /// <summary>The checksum of A followed by B, from those of A and B and the length of B in bytes.</summary>
    public static ulong Combine(ulong first, ulong second, long secondLength) =>
        Multiply(PowerOfX(8, (ulong)secondLength), first) ^ second;

    private static ulong At(ref ulong table, int slice, byte index) =>
        System.Runtime.CompilerServices.Unsafe.Add(ref table, (slice << 8) + index);

    /// <summary>x^(unit*count) modulo the polynomial; bit 63 stands for x^0.</summary>
    private static ulong PowerOfX(int unit, ulong count)
    {
        ulong result = 1UL << 63;
        ulong square = 1UL << (63 - unit);
        for (; count != 0; count >>= 1)
        {
            if ((count & 1) != 0) result = Multiply(square, result);
            square = Multiply(square, square);
        }

        return result;
    }

    private static ulong Multiply(ulong a, ulong b)
    {
        ulong product = 0;
        for (ulong bit = 1UL << 63; bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0) product ^= b;
            b = (b & 1) != 0 ? (b >> 1) ^ Polynomial : b >> 1;
        }

        return product;
    }

    private static ulong[] BuildTables()
    {
        var tables = new ulong[Slices * 256];
        for (int i = 0; i < 256; i++)
        {
            ulong value = (ulong)i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            tables[i] = value;
        }

        for (int i = 256; i < tables.Length; i++)
            tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);
        return tables;
    }
}
