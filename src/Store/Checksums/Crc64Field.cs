namespace SyncAgent.Store;

/// <summary>
/// Polynomials over GF(2) modulo that of CRC-64/XZ, in the reflected form: bit 63 is the coefficient of x^0, bit 0 that of x^63.
/// </summary>
internal static class Crc64Field
{
    /// <summary>The polynomial without its x^64 term, reflected.</summary>
    public const ulong Polynomial = 0xC96C5795D7870F42;

    private const ulong One = 1UL << 63;

    // Entry k is x^(2^k): 67 doublings reach 8 bits for each of 2^63 bytes.
    private static readonly ulong[] SquaresOfX = MakeSquares(67);

    public static ulong Multiply(ulong a, ulong b)
    {
        ulong product = 0;
        for (var bit = One; bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0) product ^= b;
            b = TimesX(b);
        }

        return product;
    }

    /// <summary>x^<paramref name="exponent"/>; the exponent counts bits.</summary>
    public static ulong PowerOfX(UInt128 exponent)
    {
        var power = One;
        for (var k = 0; exponent != 0; k++, exponent >>= 1)
        {
            if (!UInt128.IsEvenInteger(exponent)) power = Multiply(power, SquaresOfX[k]);
        }

        return power;
    }

    private static ulong TimesX(ulong a) => (a & 1) == 0 ? a >> 1 : (a >> 1) ^ Polynomial;

    private static ulong[] MakeSquares(int count)
    {
        var squares = new ulong[count];
        squares[0] = TimesX(One);
        for (var k = 1; k < count; k++) squares[k] = Multiply(squares[k - 1], squares[k - 1]);
        return squares;
    }
}
