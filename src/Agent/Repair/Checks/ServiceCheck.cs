using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether drives come back by themselves after a reboot.</summary>
internal sealed class ServiceCheck : ICheck
{
    private const string Unit = "syncagent.service";

    public string Name => "service";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists("/run/systemd/system")) return Task.FromResult(CheckOutcome.Skip("systemd does not run this machine"));
        var home = patient.Context.Environment("XDG_CONFIG_HOME") is { } given && Path.IsPathFullyQualified(given)
            ? given
            : Path.Combine(patient.Context.Environment("HOME") ?? "/", ".config");
        // The machine's service mounts root's drives; where a package has brought it, it is enabled and waits for a configuration.
        string[] machine = NativeMethods.EffectiveUserId() == 0 ? ["/etc/systemd/system"] : [];
        var enabled = ((string[])[Path.Combine(home, "systemd", "user"), "/etc/systemd/user", .. machine]).Any(IsEnabled);
        return Task.FromResult(enabled || patient.Drives.Count == 0 ? CheckOutcome.Fine : CheckOutcome.Of(new Finding(
            "no service is enabled: after a reboot nobody mounts the drives and goes on with what is pending",
            $"syncagent service install{(NativeMethods.EffectiveUserId() == 0 ? " --system" : "")} --config FILE", FindingLevel.Note)));
    }

    // What "systemctl enable" makes: a link in the folder of a target that wants it.
    private static bool IsEnabled(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateDirectories(folder, "*.wants").Any(wants => Path.Exists(Path.Combine(wants, Unit)));
}
