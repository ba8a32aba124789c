namespace SyncAgent.Torture.Crash;

/// <summary>What happens in a life beside the writers.</summary>
[Flags]
internal enum Spice
{
    None = 0,

    /// <summary>A slow link.</summary>
    Slow = 1,

    /// <summary>A store that now and then fails, breaks off, and loses replies and uploads.</summary>
    Lossy = 2,

    /// <summary>A store that is away for half a second, over and over.</summary>
    Outage = 4,

    /// <summary>A store that refuses some files for good, and a user who tries again.</summary>
    Poison = 8,

    /// <summary>Another program that changes the bucket, and a user who changes what it made.</summary>
    Foreign = 16,

    /// <summary>A user who removes more than the agent deletes without asking, and says that it was meant.</summary>
    MassDelete = 32,

    /// <summary>A full disk.</summary>
    FullDisk = 64,

    /// <summary>Files that are pinned, renamed and unpinned.</summary>
    Pins = 128,

    /// <summary>A second drive on the agent.</summary>
    SecondDrive = 256,

    /// <summary>The drive is mounted elsewhere than before.</summary>
    Moved = 512,

    /// <summary>Checkpoints that were damaged on the disk.</summary>
    DamagedParts = 1024,

    /// <summary>A power cut instead of a kill: what was not durable is torn on the disk.</summary>
    PowerCut = 2048,

    /// <summary>A staged file that the journal does not know.</summary>
    Orphan = 4096,

    /// <summary>A user who lists uploads, and whose command dies instead of the agent.</summary>
    ListUploads = 8192,

    /// <summary>Removed objects go to the trash.</summary>
    Trash = 16_384,

    /// <summary>A life long enough for what happens every few seconds.</summary>
    Long = 32_768,

    /// <summary>A user who holds files back, ends their uploads, and lets them go on.</summary>
    Holds = 65_536,

    /// <summary>A program that writes the same large files over and over.</summary>
    Again = 131_072,

    /// <summary>A journal that has forgotten its last new files and what was begun over others, of which the staging folder still tells.</summary>
    Forgetful = 262_144,

    /// <summary>A kill in the moment in which changes of files were about to be joined with what they change.</summary>
    Folding = 524_288,
}

/// <summary>What a crash point needs to be reached; the writers alone reach all others.</summary>
internal static class Spices
{
    private static readonly Dictionary<string, Spice> ByPoint = new(StringComparer.Ordinal)
    {
        ["journal.ConfirmDoomed"] = Spice.MassDelete,
        ["journal.SetTrashed"] = Spice.Trash,
        ["journal.Distrust"] = Spice.PowerCut | Spice.Slow,
        ["journal.AdoptGeneration"] = Spice.Forgetful | Spice.Slow,
        ["journal.Retire"] = Spice.Forgetful | Spice.Slow,
        ["journal.ForgetGeneration"] = Spice.PowerCut | Spice.Slow | Spice.Again,
        ["journal.DropDoomed"] = Spice.MassDelete | Spice.SecondDrive | Spice.Long,
        ["journal.MarkIncomplete"] = Spice.FullDisk,
        ["journal.Learn"] = Spice.Foreign,
        ["journal.OwnHere"] = Spice.Foreign,
        ["journal.RequireMarker"] = Spice.Foreign | Spice.Long,
        ["journal.ReleaseNode"] = Spice.Foreign | Spice.Long,
        ["journal.ForgetRemote"] = Spice.Foreign | Spice.Lossy | Spice.Long,
        ["journal.Demote"] = Spice.Long,
        ["journal.EvictContent"] = Spice.Long,
        ["journal.AddDrive"] = Spice.SecondDrive,
        ["journal.MoveDrive"] = Spice.Moved,
        ["journal.Pin"] = Spice.Pins,
        ["journal.Unpin"] = Spice.Pins,
        ["journal.MovePins"] = Spice.Pins,
        ["journal.Hold"] = Spice.Holds | Spice.Slow,
        ["journal.Release"] = Spice.Holds,
        ["journal.Retry"] = Spice.Poison,
        ["journal.Fail"] = Spice.Poison,
        ["journal.Defer"] = Spice.Lossy,
        ["journal.DueNow"] = Spice.Outage | Spice.Long,
        ["journal.DeferDoomed"] = Spice.Lossy,
        ["journal.DoomStray"] = Spice.Lossy | Spice.Long,
        ["journal.TryEndWrite"] = Spice.Lossy | Spice.Long,
        ["journal.MarkConfirmedBelow"] = Spice.Pins,
        ["recovery.folded"] = Spice.Folding,
        ["journal.SetOpen"] = Spice.Forgetful | Spice.Slow,
        ["journal.RemovePart"] = Spice.DamagedParts | Spice.Slow,
        ["journal.CountCancel"] = Spice.Slow,
        ["journal.before-full-commit"] = Spice.None,
        ["staging.filled"] = Spice.Slow | Spice.Again | Spice.Long,
        ["recovery.moved"] = Spice.Orphan,
        ["cache.forgotten"] = Spice.Foreign | Spice.Long,
        ["store.ListUploads.before"] = Spice.ListUploads,
        ["store.ListUploads.after"] = Spice.ListUploads,
        ["store.ListParts.before"] = Spice.Slow,
        ["store.ListParts.after"] = Spice.Slow,
        ["store.UploadPartCopy.before"] = Spice.None,
        ["store.UploadPartCopy.after"] = Spice.None,
    };

    /// <summary>What a life needs that is to die at a point.</summary>
    public static Spice Of(string? point) => point is null ? Spice.None : ByPoint.GetValueOrDefault(point);

    /// <summary>What happens besides, by chance.</summary>
    public static Spice Any(Random random)
    {
        var spice = Spice.None;
        if (random.Next(2) == 0) spice |= Spice.Slow;
        if (random.Next(4) == 0) spice |= Spice.Lossy;
        if (random.Next(10) == 0) spice |= Spice.Outage;
        if (random.Next(8) == 0) spice |= Spice.Foreign;
        if (random.Next(20) == 0) spice |= Spice.Poison;
        if (random.Next(20) == 0) spice |= Spice.FullDisk;
        if (random.Next(4) == 0) spice |= Spice.Trash;
        if (random.Next(20) == 0) spice |= Spice.Pins;
        if (random.Next(30) == 0) spice |= Spice.DamagedParts;
        if (random.Next(10) == 0) spice |= Spice.Holds;
        if (random.Next(4) == 0) spice |= Spice.Again;
        return spice;
    }
}
