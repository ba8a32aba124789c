using System.Runtime.Versioning;
using System.Text;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Setup;

/// <summary>Writes keys into a file of profiles as the stores' own tools keep them, mode 600; on Windows what is secret of them
/// is encrypted for the user (<see cref="ProtectedText"/>). Other profiles stay as they are.</summary>
internal static class CredentialsText
{
    /// <summary>Puts a profile into a file, in place of one of its name.</summary>
    /// <exception cref="CommandException">A key or the name cannot stand in such a file.</exception>
    public static void Write(string path, string profile, string store, StoreCredentials keys)
    {
        foreach (var text in (string[])[profile, keys.AccessKeyId, keys.AccessKeySecret, keys.SecurityToken ?? ""])
        {
            if (text.Any(char.IsControl) || text != text.Trim() || text.Contains(']', StringComparison.Ordinal))
                throw new CommandException(ExitCodes.Usage, "a key and the name of its profile are one line without spaces around it, and without \"]\".");
        }

        if (OperatingSystem.IsWindows()) keys = Protected(path, keys);
        AtomicFile.Write(path, Put(File.Exists(path) ? File.ReadAllText(path) : "", profile, store, keys));
    }

    // What lies where all users of a machine keep things is for a service, which is another user: any program of this machine that may read the
    // file can open it then.
    [SupportedOSPlatform("windows")]
    private static StoreCredentials Protected(string path, StoreCredentials keys)
    {
        var forMachine = DrivePaths.IsWithin(path, Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData));
        return new StoreCredentials(
            keys.AccessKeyId, ProtectedText.Make(keys.AccessKeySecret, forMachine),
            keys.SecurityToken is { Length: > 0 } token ? ProtectedText.Make(token, forMachine) : null);
    }

    /// <summary>The text with the profile in it.</summary>
    public static string Put(string text, string profile, string store, StoreCredentials keys)
    {
        var kept = new StringBuilder();
        var skipping = false;
        foreach (var line in text.Split('\n', StringSplitOptions.None).SkipLast(text.EndsWith('\n') || text.Length == 0 ? 1 : 0))
        {
            if (line.TrimStart().StartsWith('[')) skipping = line.Trim() == $"[{profile}]";
            if (!skipping) kept.Append(line).Append('\n');
        }

        var (id, secret, token) = store == TargetSettings.S3
            ? ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            : ("accessKeyID", "accessKeySecret", "stsToken");
        kept.Append('[').Append(profile).Append("]\n").Append(id).Append(" = ").Append(keys.AccessKeyId).Append('\n')
            .Append(secret).Append(" = ").Append(keys.AccessKeySecret).Append('\n');
        if (keys.SecurityToken is { Length: > 0 } temporary) kept.Append(token).Append(" = ").Append(temporary).Append('\n');
        return kept.ToString();
    }
}
