namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>How things are told.</summary>
internal static class Wording
{
    /// <summary>"a, b or c".</summary>
    public static string OneOf(IReadOnlyList<string> words) =>
        words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";
}
