using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace SyncAgent.Journal;

/// <summary>
/// Named moments at which a test lets this process die, as if by <c>kill -9</c>: the environment variable SYNCAGENT_CRASH_AT holds a name,
/// or "name:n" for the n-th time, when the process starts. Without it each of these calls is a test of a constant, which the JIT compiler
/// removes. Whoever adds a step that a kill may part from the next names it here (see CONTRIBUTING.md); tests/Torture kills at every name
/// and fails when its work never reaches one.
/// </summary>
public static partial class CrashPoints
{
    /// <summary>Says where to die.</summary>
    public const string Variable = "SYNCAGENT_CRASH_AT";

    /// <summary>Names a step to leave out, one of <see cref="Omissions"/>: a proof that the tests notice when it is missing.</summary>
    public const string OmissionVariable = "SYNCAGENT_OMIT";

    /// <summary>A staging file was made, nothing in the journal speaks of it.</summary>
    public const string StagingCreated = "staging.created";

    /// <summary>Bytes of a write are in the staging file and not in its extent log.</summary>
    public const string StagingWritten = "staging.written";

    /// <summary>A write is in the extent log too and not acknowledged.</summary>
    public const string StagingLogged = "staging.logged";

    /// <summary>A staging file was cut or extended, which nobody has been told.</summary>
    public const string StagingTruncated = "staging.truncated";

    /// <summary>The extended attribute that explains a staging file is set, the seal is not committed.</summary>
    public const string StagingMarked = "staging.marked";

    /// <summary>What an overlay lacked was copied out of its base, and the journal does not know.</summary>
    public const string StagingFilled = "staging.filled";

    /// <summary>What an overlay lacked was fetched from the bucket, and the journal does not know.</summary>
    public const string StagingFetched = "staging.fetched";

    /// <summary>A fold has written one piece of the overlay into the base.</summary>
    public const string FoldPiece = "fold.piece";

    /// <summary>A fold has written all pieces, not durably.</summary>
    public const string FoldWritten = "fold.written";

    /// <summary>A folded file is durable, its extent log is not yet that of the whole.</summary>
    public const string FoldDurable = "fold.durable";

    /// <summary>The extent log of the folded file is durable, and the journal does not know.</summary>
    public const string FoldLogged = "fold.logged";

    /// <summary>A group's rows are committed, its staging data is not durable.</summary>
    public const string GroupBegun = "group.begun";

    /// <summary>A group's staging data is durable, its names are not.</summary>
    public const string GroupData = "group.data";

    /// <summary>A group's names are durable too, the journal does not say so.</summary>
    public const string GroupFolder = "group.folder";

    /// <summary>A group is durable, and nobody has been told.</summary>
    public const string GroupDurable = "group.durable";

    /// <summary>Discarded staging files are deleted, their names still stand in the journal.</summary>
    public const string GroupDiscarded = "group.discarded";

    /// <summary>Mutations are applied and not committed.</summary>
    public const string CommitBefore = "journal.before-commit";

    /// <summary>Mutations are applied and not committed, in a transaction that a power cut must not undo.</summary>
    public const string FullCommitBefore = "journal.before-full-commit";

    /// <summary>Rows of the listing cache were changed.</summary>
    public const string CacheNodes = "cache.nodes";

    /// <summary>Nodes were taken out of the listing cache, and the journal does not have them.</summary>
    public const string CacheTaken = "cache.taken";

    /// <summary>Bytes are in a file of the read cache, and its index does not know.</summary>
    public const string CacheWritten = "cache.written";

    /// <summary>The read cache's index was written.</summary>
    public const string CacheIndexed = "cache.indexed";

    /// <summary>Rows left the read cache's index, their files are still there.</summary>
    public const string CacheForgotten = "cache.forgotten";

    /// <summary>What was folding at a kill is folded again, the rest of the recovery is to come.</summary>
    public const string RecoveryFolded = "recovery.folded";

    /// <summary>Rows are recovered, nothing is mounted.</summary>
    public const string RecoveryDone = "recovery.done";

    /// <summary>A staged file that no row knows is in lost+found, its extent log is not.</summary>
    public const string RecoveryMoved = "recovery.moved";

    /// <summary>A small file is written beside the one that it is to replace.</summary>
    public const string AtomicWritten = "atomic.written";

    /// <summary>A small file has replaced the former one, and its folder is not durable.</summary>
    public const string AtomicRenamed = "atomic.renamed";

    /// <summary>For <see cref="OmissionVariable"/>: a close is answered before its commit.</summary>
    public const string OmitCommit = "commit";

    /// <summary>For <see cref="OmissionVariable"/>: a group's commit is an ordinary one, which no fsync of the journal follows.</summary>
    public const string OmitFullCommit = "full-commit";

    /// <summary>For <see cref="OmissionVariable"/>: a group leaves out the fsync of staging files.</summary>
    public const string OmitStagingSync = "staging-sync";

    /// <summary>For <see cref="OmissionVariable"/>: a group leaves out the fsync of the staging folder.</summary>
    public const string OmitFolderSync = "folder-sync";

    /// <summary>For <see cref="OmissionVariable"/>: fsync is answered before its group.</summary>
    public const string OmitGroup = "group";

    private static readonly string? Name = NameOf(Environment.GetEnvironmentVariable(Variable));
    private static readonly long Times = TimesOf(Environment.GetEnvironmentVariable(Variable));
    private static readonly string? Omitted = Environment.GetEnvironmentVariable(OmissionVariable);
    private static long _reached;

    /// <summary>Whether this process was started to die somewhere.</summary>
    public static bool IsArmed { get; } = Name is not null;

    /// <summary>Values of <see cref="OmissionVariable"/>.</summary>
    public static IReadOnlyList<string> Omissions { get; } = [OmitCommit, OmitFullCommit, OmitStagingSync, OmitFolderSync, OmitGroup];

    /// <summary>All names but those of a store's calls: the moments named above, and one per journal mutation, "journal." and its name: it is committed
    /// and nobody has been told.</summary>
    public static IEnumerable<string> Names =>
    [
        .. typeof(CrashPoints).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(constant => constant.IsLiteral && constant.Name is not (nameof(Variable) or nameof(OmissionVariable)) && !constant.Name.StartsWith("Omit", StringComparison.Ordinal))
            .Select(constant => (string)constant.GetRawConstantValue()!),
        .. typeof(JournalWriter).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => !method.IsSpecialName).Select(method => OfMutation(method.Name)),
    ];

    /// <summary>Dies here when that was asked for.</summary>
    public static void Reach(string name)
    {
        if (IsArmed && name == Name && Interlocked.Increment(ref _reached) == Times) Die();
    }

    /// <summary>Why this process is no agent for anybody's files, or null: it was started to die, or to leave out a step.</summary>
    public static string? Warning => Name is null && Omitted is null ? null
        : $"{Variable} or {OmissionVariable} is set: this agent is here to be tested, and is meant to lose what it is given. Unset both for real use.";

    /// <summary>Whether a step is to be left out.</summary>
    public static bool Omits(string step) => Omitted is not null && Omitted == step;

    internal static string OfMutation(string verb) => $"journal.{verb}";

    private static string? NameOf(string? value) => string.IsNullOrEmpty(value) ? null : value.Split(':')[0];

    private static long TimesOf(string? value) => value?.Split(':') is [_, var times] ? long.Parse(times, CultureInfo.InvariantCulture) : 1;

    private static void Die()
    {
        const int Kill = 9;
        // Tests tell by this line that the process died here and not elsewhere.
        Console.Error.WriteLine($"{Variable}={Name}: reached");
        if (OperatingSystem.IsWindows()) Environment.FailFast(Name);
        _ = Signal(Environment.ProcessId, Kill);
        Thread.CurrentThread.Join(); // never: whatever the caller was about to do, it does not
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
