using SyncAgent.Journal.Planning;

namespace SyncAgent.Journal;

/// <summary>How many nodes share everything that their state depends on in the journal.</summary>
/// <param name="Directory">Directories, else files and links.</param>
/// <param name="Problem">What needs somebody's help.</param>
/// <param name="Open">State of the open generation, or null.</param>
/// <param name="Pending">Whether the planner has still to look at them.</param>
/// <param name="Closing">Whether they changed after the last durable commit.</param>
/// <param name="RemoteOnly">Whether only the bucket holds their content.</param>
/// <param name="Flags">Whether they are left out of the bucket by the user's rule, or held back; no other marks.</param>
/// <param name="Count">Nodes.</param>
/// <param name="Bytes">Their sizes together.</param>
public sealed record StateTally(
    bool Directory, Problem Problem, GenerationState? Open, bool Pending, bool Closing, bool RemoteOnly, NodeFlags Flags, long Count, long Bytes)
{
    /// <summary>The state that these nodes are in, as <see cref="FileStates.Of"/> says it while nobody writes or sends them.</summary>
    public FileState State => FileStates.Of(
        new NodeRow
        {
            Id = 0,
            Drive = 0,
            Parent = 0,
            Name = "",
            Type = Directory ? NodeType.Directory : NodeType.File,
            Problem = Problem,
            Pending = Pending,
            Changed = Closing ? 1 : 0,
            Flags = Flags,
            Content = RemoteOnly ? null : 1,
            Remote = RemoteOnly ? new RemoteState("", null, null, null, 0, 0, null, 0, Proof.Listed) : null,
        },
        Open, beingWritten: false, uploading: false, durable: 0);
}
