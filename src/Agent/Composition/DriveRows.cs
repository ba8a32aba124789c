using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Composition;

/// <summary>Finds or makes the journal's row of a drive, and refuses to bind a mount point anew while its old drive is not done.</summary>
internal static class DriveRows
{
    private const uint RootMode = 0b111_101_101;

    /// <summary>The row of a drive, committed.</summary>
    /// <exception cref="CommandException">The mount point's former drive has something pending.</exception>
    public static DriveRow Bind(JournalStore journal, JournalReader reader, DriveSettings settings, DateTimeOffset now)
    {
        var row = FindOrAdd(journal, reader, settings, now);
        DriveTargets.Keep(journal, row.Id, settings.Target);
        return row;
    }

    private static DriveRow FindOrAdd(JournalStore journal, JournalReader reader, DriveSettings settings, DateTimeOffset now)
    {
        var target = settings.Target;
        var wanted = new DriveRow(
            0, 0, target.Store, target.Endpoint ?? "", target.Region ?? "", target.Bucket, target.Prefix, settings.MountPoint);
        var known = reader.Drives();
        var same = known.FirstOrDefault(row => row.SameTarget(wanted));
        foreach (var former in known.Where(row => row.MountPoint == settings.MountPoint && row.Id != same?.Id)) Release(journal, reader, former);

        if (same is not null)
        {
            var moved = wanted with { Id = same.Id, Root = same.Root };
            if (moved != same) journal.Commit(writer => writer.MoveDrive(moved));
            return moved;
        }

        var drive = wanted with { Id = journal.NewId(), Root = journal.NewId() };
        journal.Commit(writer => writer.AddDrive(drive, RootOf(drive, now)));
        return drive;
    }

    // A drive that is done keeps its row, and with it what it knows of the bucket, but no mount point.
    private static void Release(JournalStore journal, JournalReader reader, DriveRow former)
    {
        var pending = Pending.Of(journal, reader, former.Id);
        if (pending.IsEmpty)
        {
            journal.Commit(writer => writer.MoveDrive(former with { MountPoint = "" }));
            return;
        }

        throw new CommandException(
            ExitCodes.Configuration,
            $"{former.MountPoint} belongs to bucket {former.Bucket}{(former.Prefix.Length > 0 ? $", prefix {former.Prefix}" : "")} at " +
            $"{TargetSettings.HostOf(former.Store, former.Endpoint, former.Region)}, which has {Pending.Describe(pending)}. Mount that again until it is done, or mount here at another folder.");
    }

    private static NodeRow RootOf(DriveRow drive, DateTimeOffset now)
    {
        var time = (now - DateTimeOffset.UnixEpoch).Ticks * 100;
        return new NodeRow
        {
            Id = drive.Root,
            Drive = drive.Id,
            Parent = 0,
            // Never seen, as paths begin below it; but rows of one parent need different names, and roots share the parent 0.
            Name = drive.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Type = NodeType.Directory,
            Mode = RootMode,
            Uid = OperatingSystem.IsLinux() ? Hosting.NativeMethods.EffectiveUserId() : 0,
            Gid = OperatingSystem.IsLinux() ? Hosting.NativeMethods.EffectiveGroupId() : 0,
            AccessTime = time,
            ModifyTime = time,
            ChangeTime = time,
        };
    }
}
