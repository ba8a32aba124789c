using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using Microsoft.Win32;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Windows.Tests;

/// <summary>What only Windows, or Wine, can tell.</summary>
[SupportedOSPlatform("windows")]
public sealed class OnWindowsTests
{
    private const string Reason = "needs Windows or Wine: publish with -r win-x64";
    private const string Key = @"SOFTWARE\WinFsp";

    [Fact]
    public void Windows_reads_the_security_descriptor_as_it_is_meant()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), Reason);
        var bytes = SecurityDescriptors.Build("S-1-5-21-1-2-3-1001", ["S-1-5-11"]);
        Assert.Equal(
            "O:S-1-5-21-1-2-3-1001G:S-1-5-21-1-2-3-1001D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-21-1-2-3-1001)(A;;FA;;;AU)",
            new RawSecurityDescriptor(bytes, 0).GetSddlForm(AccessControlSections.Owner | AccessControlSections.Group | AccessControlSections.Access));
        var user = WindowsIdentity.GetCurrent().User!;
        var binary = new byte[user.BinaryLength];
        user.GetBinaryForm(binary, 0);
        Assert.Equal(binary, SecurityDescriptors.ParseSid(user.Value));
    }

    [Fact]
    public void A_file_with_a_hole_takes_no_space_for_it()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), Reason);
        const long Far = 256L << 20;
        var path = Path.GetTempFileName();
        try
        {
            using var file = StagingFile.OpenForWriting(path);
            SparseFile.Prepare(file);
            RandomAccess.Write(file, [1, 2, 3], Far);
            Assert.InRange(SparseFile.AllocatedBytes(file), 1, Far / 2);
            Assert.Equal(Far + 3, RandomAccess.GetLength(file));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_library_is_where_the_registry_says_and_nowhere_else()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), Reason);
        using var machine = RegistryKey.OpenBaseKey(RegistryHive.LocalMachine, RegistryView.Registry32);
        Assert.SkipWhen(machine.OpenSubKey(Key) is not null, "WinFsp is installed here");
        var folder = Directory.CreateTempSubdirectory("winfsp").FullName;
        try
        {
            Assert.Null(WinFspDll.Locate());
            var refused = Assert.Throws<WindowsMountException>(WinFspDll.Load);
            Assert.Equal(WindowsMountFailure.NotInstalled, refused.Failure);
            Assert.Contains(WinFspDll.Download, refused.Message, StringComparison.Ordinal);
            using (var key = machine.CreateSubKey(Key)) key.SetValue("InstallDir", folder + @"\");
            Assert.Null(WinFspDll.Locate()); // uninstalled, but for the key
            var bin = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
            File.WriteAllText(Path.Combine(bin, "winfsp-x64.dll"), "no library");
            Assert.Equal(Path.Combine(bin, "winfsp-x64.dll"), WinFspDll.Locate());
            Assert.Equal(WindowsMountFailure.CannotLoad, Assert.Throws<WindowsMountException>(WinFspDll.Load).Failure);
        }
        finally
        {
            machine.DeleteSubKey(Key, throwOnMissingSubKey: false);
            Directory.Delete(folder, recursive: true);
        }
    }
}
