using System.Runtime.Intrinsics.X86;

namespace SyncAgent.Store;

/// <summary>
/// CRC-64/XZ, the checksum that OSS states for every object (header <c>x-oss-hash-crc64ecma</c>, decimal): polynomial
/// 0x42F0E1EBA9EA3693, reflected, initial value and final XOR all ones; "123456789" gives 0x995DC9BBDF1939FA.
/// Incremental, without allocations; the default value is the checksum of no bytes. Carry-less multiplication is used
/// where the processor has it (several GB/s), tables elsewhere (above 1 GB/s).
/// </summary>
public struct Crc64 : IEquatable<Crc64>
{
    /// <summary>Continues from a checksum that was taken before.</summary>
    public Crc64(ulong value) => Value = value;

    /// <summary>The checksum of all bytes appended so far.</summary>
    public ulong Value { get; private set; }

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => Value = Append(Value, bytes);

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of what <paramref name="crc"/> stands for, followed by <paramref name="bytes"/>.</summary>
    public static ulong Append(ulong crc, ReadOnlySpan<byte> bytes)
    {
        var register = ~crc;
        if (Pclmulqdq.IsSupported && bytes.Length >= Crc64Folding.MinimumLength)
        {
            register = Crc64Folding.Update(register, bytes, out var consumed);
            bytes = bytes[consumed..];
        }

        return ~Crc64Tables.Update(register, bytes);
    }

    /// <summary>The checksum of A followed by B, from those of A and B alone and B's length, in O(log length) steps.</summary>
    /// <param name="crcA">Checksum of the first bytes.</param>
    /// <param name="crcB">Checksum of the bytes that follow.</param>
    /// <param name="lengthB">How many bytes <paramref name="crcB"/> covers, at least 0.</param>
    public static ulong Combine(ulong crcA, ulong crcB, long lengthB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthB);
        // Initial value and final XOR are equal and so cancel out: A's checksum only moves up by B's length.
        return Crc64Field.Multiply(crcA, Crc64Field.PowerOfX((UInt128)(ulong)lengthB * 8)) ^ crcB;
    }

    /// <inheritdoc/>
    public readonly bool Equals(Crc64 other) => Value == other.Value;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Crc64 other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => Value.GetHashCode();

    /// <inheritdoc/>
    public static bool operator ==(Crc64 left, Crc64 right) => left.Equals(right);

    /// <inheritdoc/>
    public static bool operator !=(Crc64 left, Crc64 right) => !left.Equals(right);
}
