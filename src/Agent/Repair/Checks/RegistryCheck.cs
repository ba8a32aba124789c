using SyncAgent.Agent.Hosting;
using SyncAgent.Fs.Linux;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Entries of mounts that are gone: "wait PATH" would ask an agent that is not there.</summary>
internal sealed class RegistryCheck : ICheck
{
    public string Name => "registry of mounts";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (!OperatingSystem.IsLinux()) return Task.FromResult(CheckOutcome.Skip("Linux only"));
        return Task.FromResult(CheckOutcome.Of(patient.Registry.All().Where(IsDead).Select(entry =>
            new Finding($"{entry.MountPoint} is registered and not mounted; its agent (pid {entry.Pid}) is gone", "Mount it again, or have the entry forgotten")
            {
                Fix = _ =>
                {
                    patient.Registry.Remove(entry.MountPoint);
                    return Task.FromResult($"forgot the mount at {entry.MountPoint}");
                },
            })));
    }

    private static bool IsDead(MountEntry entry) =>
        !(LinuxMounts.TryFind(entry.MountPoint, out var mount) && mount.FileSystemType == DeadMount.OurType)
        && !(Directory.Exists(entry.State) && AgentLock.IsHeld(entry.State));
}
