using System.Globalization;
using System.Text;

namespace SyncAgent.Fs.Windows;

/// <summary>
/// The mark by which names are told apart that differ by case only (docs/decisions/0014-windows-names.md): which of its forms each letter
/// has, two bits a letter, as hexadecimal digits. So the mark means the same whatever the case in which Windows gives the name back.
/// </summary>
internal static class CaseMarks
{
    private const int LettersPerDigit = 2;
    private const int BitsPerLetter = 2;
    private const int LetterMask = (1 << BitsPerLetter) - 1;

    // Upper form, lower form, and what else has that upper form, such as the final sigma.
    private static readonly Lazy<Dictionary<Rune, Rune[]>> Forms = new(CollectForms);

    /// <summary>Most forms of a letter; what two bits can hold.</summary>
    internal static int MostForms => Forms.Value.Values.Max(forms => forms.Length);

    /// <summary>Describes the case of a name's letters.</summary>
    public static string Describe(string name)
    {
        var digits = new StringBuilder();
        var (digit, count) = (0, 0);
        foreach (var rune in name.EnumerateRunes())
        {
            if (!TryGetForms(rune, out var forms)) continue;
            digit |= Array.IndexOf(forms, rune) << (BitsPerLetter * (count % LettersPerDigit));
            if (++count % LettersPerDigit != 0) continue;
            digits.Append(digit.ToString("x", CultureInfo.InvariantCulture));
            digit = 0;
        }

        if (digit != 0) digits.Append(digit.ToString("x", CultureInfo.InvariantCulture));
        return digits.ToString().TrimEnd('0');
    }

    /// <summary>The name with its letters in the case that a mark describes.</summary>
    public static string Apply(string name, ReadOnlySpan<char> mark)
    {
        var result = new StringBuilder(name.Length);
        var letter = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if (!TryGetForms(rune, out var forms))
            {
                result.Append(rune);
                continue;
            }

            var at = letter / LettersPerDigit;
            var digit = at < mark.Length ? int.Parse(mark.Slice(at, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : 0;
            var form = (digit >> (BitsPerLetter * (letter % LettersPerDigit))) & LetterMask;
            result.Append(forms[Math.Min(form, forms.Length - 1)]);
            letter++;
        }

        return result.ToString();
    }

    private static bool TryGetForms(Rune rune, out Rune[] forms) => Forms.Value.TryGetValue(Rune.ToUpperInvariant(rune), out forms!);

    private static Dictionary<Rune, Rune[]> CollectForms()
    {
        var forms = new Dictionary<Rune, List<Rune>>();
        for (var value = 0; value <= 0x10FFFF; value++)
        {
            if (!Rune.TryCreate(value, out var rune)) continue;
            var upper = Rune.ToUpperInvariant(rune);
            if (upper == rune) continue;
            if (!forms.TryGetValue(upper, out var found)) forms[upper] = found = [upper];
            found.Add(rune);
        }

        return forms.ToDictionary(pair => pair.Key, pair =>
            pair.Value.OrderBy(form => form == pair.Key ? 0 : form == Rune.ToLowerInvariant(pair.Key) ? 1 : 2).ThenBy(form => form.Value).ToArray());
    }
}
