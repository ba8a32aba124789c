using System.Runtime.Versioning;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Hosting;
using SyncAgent.Store;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether files that lead to keys can be read by others: those with keys, and a configuration with a password or a command.</summary>
internal sealed class SecretFilesCheck : ICheck
{
    public string Name => "files with secrets";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (!OperatingSystem.IsLinux()) return Task.FromResult(CheckOutcome.Skip("access rights on Windows are the folder's own"));
        var files = patient.Drives.SelectMany(drive => FilesOf(drive.Target.Credentials, drive.Target)).ToList();
        if (patient.ConfigPath is { } config && patient.Config.Drives.Any(drive => drive.Target != drive.Target.WithoutSecrets)) files.Add(config);
        return Task.FromResult(CheckOutcome.Of(files.Distinct(StringComparer.Ordinal).Select(Look)));
    }

    private static IEnumerable<string> FilesOf(CredentialsSettings settings, TargetSettings target) => settings.Source switch
    {
        CredentialsSource.File => [settings.Path ?? CredentialsChain.UsualFile(target)],
        CredentialsSource.AssumeRole when settings.Base is { } lower => FilesOf(lower, target),
        _ => [],
    };

    [SupportedOSPlatform("linux")]
    private static Finding? Look(string path)
    {
        if (!File.Exists(path)) return new Finding($"{path} does not exist", "Make it, with mode 600, or name another source of keys.");
        var file = LinuxFileStatus.Read(path);
        if (file.Owner != 0 && file.Owner != NativeMethods.EffectiveUserId())
            return new Finding($"{path} belongs to another user (id {file.Owner})", "Keep secrets in a file of your own.");
        return (file.Mode & 0b111_111) == 0 ? null : new Finding($"{path} holds secrets and is open to other users", $"chmod 600 {path}")
        {
            Fix = _ =>
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                return Task.FromResult($"chmod 600 {path}; what others have read is no secret any more: have new keys made");
            },
        };
    }
}
