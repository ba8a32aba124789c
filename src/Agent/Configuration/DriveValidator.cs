namespace SyncAgent.Agent.Configuration;

/// <summary>Checks where drives are mounted; every mistake is added to the list.</summary>
internal static class DriveValidator
{
    /// <summary>Checks one mount point against the state folder: neither may be inside the other, since staging in the drive
    /// would wait for itself.</summary>
    public static void CheckMountPoint(string mountPoint, string stateFolder, string where, ICollection<string> mistakes)
    {
        if (mountPoint == Path.GetPathRoot(mountPoint) && !DrivePaths.IsLetter(mountPoint)) mistakes.Add($"{where}: the root of the file system cannot be a drive.");
        else if (DrivePaths.IsWithin(stateFolder, mountPoint)) mistakes.Add($"{where}: the state folder {stateFolder} would be inside the drive.");
        else if (DrivePaths.IsWithin(mountPoint, stateFolder)) mistakes.Add($"{where}: the drive would be inside the state folder {stateFolder}.");
        else if (File.Exists(mountPoint)) mistakes.Add($"{where}: {mountPoint} is a file; a drive needs a folder.");
    }

    /// <summary>Checks that drives of one configuration do not meet.</summary>
    public static void CheckTogether(IReadOnlyList<DriveSettings> drives, Func<int, string> where, ICollection<string> mistakes)
    {
        for (var i = 0; i < drives.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (DrivePaths.IsWithin(drives[i].MountPoint, drives[j].MountPoint) || DrivePaths.IsWithin(drives[j].MountPoint, drives[i].MountPoint))
                    mistakes.Add($"{where(i)}.mount: {drives[i].MountPoint} meets the drive at {drives[j].MountPoint} ({where(j)}).");
                else if (Overlap(drives[i].Target, drives[j].Target))
                    mistakes.Add($"{where(i)}.prefix: the same objects are also in the drive at {drives[j].MountPoint} ({where(j)}).");
            }
        }
    }

    private static bool Overlap(TargetSettings one, TargetSettings other) =>
        one.Store == other.Store && one.EndpointHost == other.EndpointHost && one.Bucket == other.Bucket
        && (one.Prefix.StartsWith(other.Prefix, StringComparison.Ordinal) || other.Prefix.StartsWith(one.Prefix, StringComparison.Ordinal));
}
