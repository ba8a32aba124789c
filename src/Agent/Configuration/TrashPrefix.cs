using SyncAgent.Transfer;

namespace SyncAgent.Agent.Configuration;

/// <summary>Where removed objects are kept, as it is written on the command line and in the configuration file.</summary>
internal static class TrashPrefix
{
    /// <summary>A checked prefix; null when it was not given or is a mistake.</summary>
    public static string? Check(string? given, string where, ICollection<string> mistakes)
    {
        if (given is null || given.Length == 0 || TransferOptions.IsTrashPrefix(given)) return given;
        mistakes.Add($"{where}: \"{given}\": expected a path below the drive's prefix that ends in \"/\" and does not begin with one, like \".syncagent/trash/\".");
        return null;
    }
}
