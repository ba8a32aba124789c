using System.Runtime.Versioning;
using SyncAgent.Agent.Hosting;
using SyncAgent.Fs.Linux;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether a drive can be mounted here.</summary>
/// <param name="device">The kernel's device.</param>
/// <param name="configuration">What fusermount3 reads.</param>
internal sealed class FuseCheck(string device = "/dev/fuse", string configuration = "/etc/fuse.conf") : ICheck
{
    private const string Helper = "fusermount3";

    public string Name => "FUSE";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop) =>
        Task.FromResult(OperatingSystem.IsLinux() ? Look(patient) : CheckOutcome.Skip("Linux only"));

    [SupportedOSPlatform("linux")]
    private CheckOutcome Look(DoctorCase patient)
    {
        if (!File.Exists(device))
            return CheckOutcome.Of(new Finding($"{device} does not exist", "As root: modprobe fuse. For a container add --device /dev/fuse."));
        var findings = new List<Finding>();
        if (!NativeMethods.MayReadAndWrite(device)) findings.Add(new Finding($"{device} may not be opened", $"As root: chmod 0666 {device} (udev's usual setting)."));
        if (LinuxMounts.MayMountDirectly) return CheckOutcome.Of(findings);

        var helper = (patient.Context.Environment("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Helper)).FirstOrDefault(File.Exists);
        if (helper is null) findings.Add(new Finding($"{Helper} is missing", "Install it: apt install fuse3"));
        else if ((File.GetUnixFileMode(helper) & UnixFileMode.SetUser) == 0)
            findings.Add(new Finding($"{helper} is not set-user-id root: ordinary users cannot mount", $"As root: chmod u+s {helper}"));
        if (patient.Config.Drives.Any(drive => drive.AllowOther) && !AllowsOthers())
            findings.Add(new Finding($"a drive is to let others in (allowOther), and {configuration} does not permit that", $"As root, write a line user_allow_other into {configuration}."));
        return CheckOutcome.Of(findings);
    }

    private bool AllowsOthers() => File.Exists(configuration) && File.ReadLines(configuration).Any(line => line.Trim() == "user_allow_other");
}
