namespace SyncAgent.Agent.Status;

/// <summary>Fields of a request's body cannot be used.</summary>
/// <param name="mistakes">At least one, "field: what is wrong".</param>
internal sealed class FieldException(IReadOnlyList<string> mistakes) : Exception(string.Join(" ", mistakes.Select(TextOf)))
{
    /// <summary>The field of the first mistake.</summary>
    public string Field { get; } = mistakes[0].Split(':')[0];

    private static string TextOf(string mistake) => mistake.Contains(": ", StringComparison.Ordinal) ? mistake[(mistake.IndexOf(": ", StringComparison.Ordinal) + 2)..] : mistake;
}
