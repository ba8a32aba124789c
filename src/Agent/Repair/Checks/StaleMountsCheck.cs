using SyncAgent.Agent.Hosting;
using SyncAgent.Fs.Linux;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Mounts of ours that nobody serves: whoever looks into one gets "transport endpoint is not connected".</summary>
internal sealed class StaleMountsCheck : ICheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public string Name => "stale mounts";

    public async Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (!OperatingSystem.IsLinux()) return CheckOutcome.Skip("Linux only");
        var findings = new List<Finding>();
        foreach (var mountPoint in LinuxMounts.Read().Where(mount => mount.FileSystemType == DeadMount.OurType).Select(mount => mount.MountPoint).Distinct())
        {
            if (!await IsDeadAsync(mountPoint, stop)) continue;
            var isKnown = patient.Drives.Any(drive => drive.MountPoint == mountPoint) || patient.Registry.Find(mountPoint) is not null;
            findings.Add(new Finding(
                $"nobody serves the mount at {mountPoint}", $"syncagent unmount {mountPoint}, or mount it again", isKnown ? FindingLevel.Problem : FindingLevel.Note)
            {
                // One that neither this state folder nor this user's registry knows is another's to clear.
                Fix = isKnown ? token => ClearAsync(mountPoint, patient, token) : null,
            });
        }

        return CheckOutcome.Of(findings);
    }

    private static async Task<string> ClearAsync(string mountPoint, DoctorCase patient, CancellationToken stop)
    {
        await DeadMount.TryClearAsync(mountPoint, stop);
        patient.Registry.Remove(mountPoint);
        return $"unmounted {mountPoint}";
    }

    // statfs, which the kernel does not answer from a cache. One that hangs is alive, as far as anybody can tell.
    private static async Task<bool> IsDeadAsync(string mountPoint, CancellationToken stop)
    {
        var probe = Task.Run(() => TryStat(mountPoint), CancellationToken.None);
        await Task.WhenAny(probe, Task.Delay(Patience, stop));
        return probe.IsCompletedSuccessfully && !await probe;
    }

    private static bool TryStat(string mountPoint)
    {
        const int NotConnected = 107;
        const int Aborted = 103;
        try
        {
            _ = new DriveInfo(mountPoint).TotalSize;
            return true;
        }
        catch (IOException e)
        {
            return e.HResult is not (NotConnected or Aborted);
        }
        catch (UnauthorizedAccessException)
        {
            return true; // somebody else's
        }
    }
}
