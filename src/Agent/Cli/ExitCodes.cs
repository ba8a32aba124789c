namespace SyncAgent.Agent.Cli;

/// <summary>What the process's exit code tells. 64 and 78 are those of sysexits.h.</summary>
internal static class ExitCodes
{
    /// <summary>Done; for wait: everything is synced.</summary>
    public const int Ok = 0;

    /// <summary>It failed; for wait: something needs the user.</summary>
    public const int NeedsUser = 1;

    /// <summary>The time was up.</summary>
    public const int TimedOut = 2;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>The configuration is wrong.</summary>
    public const int Configuration = 78;

    /// <summary>All of them, for people.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> Meanings { get; } =
    [
        (Ok, "Done. Of wait: everything is in the bucket. Of verify and doctor: nothing is wrong."),
        (NeedsUser, "It failed, and standard error says why and what to do. Of wait: something needs you. Of verify and doctor: something is wrong."),
        (TimedOut, "The time was up, or the store or the agent is away."),
        (Usage, "The command line is wrong."),
        (Configuration, "The configuration is wrong; every mistake is named with its line."),
    ];
}
