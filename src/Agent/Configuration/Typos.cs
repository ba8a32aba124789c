namespace SyncAgent.Agent.Configuration;

/// <summary>How far a misspelt word is from the one that was meant.</summary>
internal static class Typos
{
    /// <summary>Least number of letters to insert, leave out, replace or exchange with their neighbour (Damerau and Levenshtein); case does not count.</summary>
    public static int Between(string meant, string typed)
    {
        var rows = new int[meant.Length + 1, typed.Length + 1];
        for (var i = 0; i <= meant.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= typed.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= meant.Length; i++)
        {
            for (var j = 1; j <= typed.Length; j++)
            {
                var differs = AreSame(meant[i - 1], typed[j - 1]) ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + differs);
                if (i > 1 && j > 1 && AreSame(meant[i - 1], typed[j - 2]) && AreSame(meant[i - 2], typed[j - 1]))
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[meant.Length, typed.Length];
    }

    private static bool AreSame(char one, char other) => char.ToUpperInvariant(one) == char.ToUpperInvariant(other);
}
