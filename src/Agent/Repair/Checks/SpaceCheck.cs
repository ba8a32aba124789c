using SyncAgent.Agent.Configuration;
using SyncAgent.Fs.Core;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether programs can still write to drives.</summary>
internal sealed class SpaceCheck : ICheck
{
    /// <summary>As of <see cref="CoreOptions.StagingReserve"/>.</summary>
    private const long UsualReserve = 256L << 20;

    public string Name => "free space";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (!Directory.Exists(patient.State)) return Task.FromResult(CheckOutcome.Skip($"{patient.State} does not exist yet"));
        var disk = new DriveInfo(patient.State);
        var free = disk.AvailableFreeSpace;
        var reserve = patient.Config.Engine.StagingReserve ?? Math.Min(UsualReserve, disk.TotalSize / 8);
        return Task.FromResult(CheckOutcome.Of(free > reserve ? null : new Finding(
            $"{ByteSize.Format(free)} are free for {patient.State}, and {ByteSize.Format(reserve)} are kept for what is under way: writes fail with \"no space left on device\"",
            "Free space on that disk, wait until uploads are done (\"syncagent wait\"), or lower cacheSize and readCacheSize.")));
    }
}
