using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Composition;

/// <summary>What all drives of an agent have still to do, at one moment.</summary>
/// <param name="Pending">All of it together.</param>
/// <param name="Percent">How much of what has come together since there was nothing is sent, 0 to 100.</param>
/// <param name="GoesOn">Whether some of it goes on by itself now: its drive is not paused, and its store answers.</param>
internal sealed record Backlog(PendingSummary Pending, int Percent, bool GoesOn)
{
    /// <summary>Nothing.</summary>
    public static readonly Backlog None = new(new PendingSummary(0, 0, 0, 0), 0, false);

    /// <summary>In words, for people.</summary>
    public string Describe()
    {
        var text = Composition.Pending.Describe(Pending);
        if (Pending.Bytes > 0) text += $", {Percent} %";
        return Pending.Files + Pending.Deletes > 0 && !GoesOn ? text + "; waiting for the store" : text;
    }
}
