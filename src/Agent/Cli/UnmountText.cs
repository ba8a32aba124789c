using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary>The end of a drive, for people.</summary>
internal static class UnmountText
{
    /// <summary>One line: what stays pending; and one more where files were still being written.</summary>
    public static string Of(UnmountAnswer answer)
    {
        var text = $"{answer.MountPoint} is unmounted: {Pending.Describe(answer.Pending)}";
        if (answer.InterruptedCount == 0) return text;
        var more = answer.InterruptedCount - answer.Interrupted.Count;
        var names = string.Join(", ", answer.Interrupted) + (more > 0 ? $" and {more} more" : "");
        return answer.InterruptedCount == 1
            ? $"{text}\n1 file was still being written and is kept as interrupted; save it again: {names}"
            : $"{text}\n{answer.InterruptedCount} files were still being written and are kept as interrupted; save them again: {names}";
    }
}
