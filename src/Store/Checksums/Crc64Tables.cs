using System.Buffers.Binary;

namespace SyncAgent.Store;

/// <summary>CRC-64/XZ sixteen bytes a step ("slicing"), for any processor and for the ends that folding leaves.</summary>
internal static class Crc64Tables
{
    private const int Slices = 16;

    // Table s, entry b: what byte b contributes when s more bytes of the same step follow it.
    private static readonly ulong[] Tables = MakeTables();

    /// <summary>Advances the raw register (not inverted) over all bytes.</summary>
    public static ulong Update(ulong register, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> t = Tables;
        while (bytes.Length >= Slices)
        {
            var a = register ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            var b = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
            register =
                t[(15 << 8) | (byte)a] ^ t[(14 << 8) | (byte)(a >> 8)]
                ^ t[(13 << 8) | (byte)(a >> 16)] ^ t[(12 << 8) | (byte)(a >> 24)]
                ^ t[(11 << 8) | (byte)(a >> 32)] ^ t[(10 << 8) | (byte)(a >> 40)]
                ^ t[(9 << 8) | (byte)(a >> 48)] ^ t[(8 << 8) | (byte)(a >> 56)]
                ^ t[(7 << 8) | (byte)b] ^ t[(6 << 8) | (byte)(b >> 8)]
                ^ t[(5 << 8) | (byte)(b >> 16)] ^ t[(4 << 8) | (byte)(b >> 24)]
                ^ t[(3 << 8) | (byte)(b >> 32)] ^ t[(2 << 8) | (byte)(b >> 40)]
                ^ t[(1 << 8) | (byte)(b >> 48)] ^ t[(byte)(b >> 56)];
            bytes = bytes[Slices..];
        }

        foreach (var value in bytes) register = t[(byte)(register ^ value)] ^ (register >> 8);
        return register;
    }

    private static ulong[] MakeTables()
    {
        var tables = new ulong[Slices * 256];
        for (var value = 0; value < 256; value++)
        {
            var entry = (ulong)value;
            for (var bit = 0; bit < 8; bit++) entry = (entry & 1) == 0 ? entry >> 1 : (entry >> 1) ^ Crc64Field.Polynomial;
            tables[value] = entry;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            var shorter = tables[i - 256];
            tables[i] = tables[(byte)shorter] ^ (shorter >> 8);
        }

        return tables;
    }
}
