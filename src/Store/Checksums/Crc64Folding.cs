using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SyncAgent.Store;

/// <summary>
/// CRC-64/XZ by carry-less multiplication: eight 128-bit accumulators, each moved up by 1,024 bits and added to the
/// next block (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", 2009).
/// </summary>
internal static class Crc64Folding
{
    /// <summary>Shorter inputs are left to the tables.</summary>
    public const int MinimumLength = Stride * 2;

    private const int Stride = 128;

    // Moving 128 bits up by n: the first eight bytes (higher powers) are multiplied by x^(n+64), the other eight by x^n.
    // The product of two reflected numbers comes out multiplied by x once more, hence the -1.
    private static readonly Vector128<ulong> By1024 = Multipliers(1024);
    private static readonly Vector128<ulong> By128 = Multipliers(128);

    /// <summary>Advances the raw register over a multiple of 16 bytes and tells how many.</summary>
    // Compiled in full at once: a first upload would otherwise run it unoptimised for its first seconds.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Update(ulong register, ReadOnlySpan<byte> bytes, out int consumed)
    {
        ref var first = ref MemoryMarshal.GetReference(bytes);
        var end = bytes.Length & ~15;
        var stride = By1024;

        var a0 = Load(ref first, 0) ^ Vector128.CreateScalar(register);
        var a1 = Load(ref first, 16);
        var a2 = Load(ref first, 32);
        var a3 = Load(ref first, 48);
        var a4 = Load(ref first, 64);
        var a5 = Load(ref first, 80);
        var a6 = Load(ref first, 96);
        var a7 = Load(ref first, 112);
        var at = Stride;
        for (; at <= end - Stride; at += Stride)
        {
            a0 = Fold(a0, stride) ^ Load(ref first, at);
            a1 = Fold(a1, stride) ^ Load(ref first, at + 16);
            a2 = Fold(a2, stride) ^ Load(ref first, at + 32);
            a3 = Fold(a3, stride) ^ Load(ref first, at + 48);
            a4 = Fold(a4, stride) ^ Load(ref first, at + 64);
            a5 = Fold(a5, stride) ^ Load(ref first, at + 80);
            a6 = Fold(a6, stride) ^ Load(ref first, at + 96);
            a7 = Fold(a7, stride) ^ Load(ref first, at + 112);
        }

        var block = By128;
        var sum = Fold(a0, block) ^ a1;
        sum = Fold(sum, block) ^ a2;
        sum = Fold(sum, block) ^ a3;
        sum = Fold(sum, block) ^ a4;
        sum = Fold(sum, block) ^ a5;
        sum = Fold(sum, block) ^ a6;
        sum = Fold(sum, block) ^ a7;
        for (; at < end; at += 16) sum = Fold(sum, block) ^ Load(ref first, at);

        consumed = at;
        // What is left is a 16-byte message with the same remainder.
        Span<byte> remainder = stackalloc byte[16];
        sum.AsByte().CopyTo(remainder);
        return Crc64Tables.Update(0, remainder);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> value, Vector128<ulong> multipliers) =>
        Pclmulqdq.CarrylessMultiply(value, multipliers, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, multipliers, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ref byte first, int offset) => Vector128.LoadUnsafe(ref first, (nuint)offset).AsUInt64();

    private static Vector128<ulong> Multipliers(uint bits) =>
        Vector128.Create(Crc64Field.PowerOfX(bits + 63), Crc64Field.PowerOfX(bits - 1));
}
