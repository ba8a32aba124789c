using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace SyncAgent.Journal;

/// <summary>Folders that only their owner may enter (0700; on Windows an access list that inherits nothing).</summary>
public static class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates a folder, with those above it that are missing, or makes an existing one private.</summary>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            CreateOnWindows(path);
            return;
        }

        CreateMissing(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (File.GetUnixFileMode(path) != OwnerOnly) File.SetUnixFileMode(path, OwnerOnly);
    }

    // Nothing is inherited from above: the user, the system and administrators (who could take the right anyway), for all that comes into it.
    [SupportedOSPlatform("windows")]
    private static void CreateOnWindows(string path)
    {
        var folder = Directory.CreateDirectory(path);
        using var me = WindowsIdentity.GetCurrent();
        SecurityIdentifier[] allowed = [me.User!, new(WellKnownSidType.LocalSystemSid, null), new(WellKnownSidType.BuiltinAdministratorsSid, null)];
        var present = folder.GetAccessControl(AccessControlSections.Access);
        if (present.AreAccessRulesProtected
            && present.GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier)).Cast<FileSystemAccessRule>().All(rule => allowed.Contains(rule.IdentityReference)))
            return;
        var security = new DirectorySecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        foreach (var identity in allowed)
        {
            security.AddAccessRule(new FileSystemAccessRule(
                identity, FileSystemRights.FullControl, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
        }

        folder.SetAccessControl(security);
    }

    // Those above it too: whoever may write to a folder can put another in the place of what is in it. (CreateDirectory gives its mode to
    // the last one only.)
    [UnsupportedOSPlatform("windows")]
    private static void CreateMissing(string path)
    {
        if (Directory.Exists(path)) return;
        if (Path.GetDirectoryName(path) is { } above) CreateMissing(above);
        Directory.CreateDirectory(path, OwnerOnly);
    }
}
