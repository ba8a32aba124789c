using SyncAgent.Transfer;

namespace SyncAgent.Agent.Configuration;

/// <summary>The names of what protects bodies on their way.</summary>
internal static class Checksums
{
    /// <summary>The kind that a name stands for; null when there is none, or with a mistake added.</summary>
    public static PartChecksum? Parse(string? name, string where, ICollection<string> mistakes)
    {
        switch (name)
        {
            case null: return null;
            case "md5": return PartChecksum.Md5;
            case "crc64": return PartChecksum.Crc64;
            default:
                mistakes.Add($"{where}: \"{name}\" is neither md5 nor crc64.");
                return null;
        }
    }
}
