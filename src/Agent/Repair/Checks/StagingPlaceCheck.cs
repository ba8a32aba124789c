namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether the state folder is on a disk that keeps what it is given.</summary>
internal sealed class StagingPlaceCheck : ICheck
{
    public string Name => "place of the state folder";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (!Directory.Exists(patient.State)) return Task.FromResult(CheckOutcome.Skip($"{patient.State} does not exist yet"));
        var format = new DriveInfo(patient.State).DriveFormat;
        return Task.FromResult(CheckOutcome.Of(Judge(patient.State, format)));
    }

    /// <summary>What is wrong with a file system for this, or null.</summary>
    /// <param name="state">State folder.</param>
    /// <param name="format">Type of the file system that it is on.</param>
    public static Finding? Judge(string state, string format) => format switch
    {
        "tmpfs" or "ramfs" => new Finding(
            $"{state} is in memory ({format}): a reboot or a power cut loses what was not sent", "Put it on a disk: --state DIR, or \"state\" in the configuration."),
        "nfs" or "nfs4" or "cifs" or "smb" or "smb2" or "smb3" or "smbfs" or "afs" or "ncpfs" or "9p" or "ceph" or "glusterfs" or "lustre" => new Finding(
            $"{state} is on a network file system ({format}): locks and flushes to disk may not hold what they promise", "Put it on a local disk: --state DIR, or \"state\" in the configuration."),
        _ when format.StartsWith("fuse", StringComparison.Ordinal) => new Finding(
            $"{state} is on a FUSE file system ({format}), which may not keep what it is given", "Put it on a local disk: --state DIR, or \"state\" in the configuration."),
        _ => null,
    };
}
