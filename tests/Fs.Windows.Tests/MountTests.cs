using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Core.Tests;
using SyncAgent.Fs.Windows.Interop;
using SyncAgent.Fs.Windows.Tests.Driver;

namespace SyncAgent.Fs.Windows.Tests;

public sealed class MountTests
{
    [Fact]
    public async Task The_calls_come_in_the_order_that_WinFsp_wants()
    {
        await using var rig = new DriveRig(DriveRig.Options with { Threads = 7 }, unlisted: true);
        Assert.Equal(["Preflight WinFsp.Disk null", "Create WinFsp.Disk", "SetMountPoint null", "StartDispatcher 7"], rig.WinFsp.Calls);
        Assert.Equal("Z:", rig.Mount.MountPoint);
        await rig.Mount.StopAsync();
        await rig.Mount.StopAsync();
        Assert.Equal(["StopDispatcher", "Delete"], rig.WinFsp.Calls.Skip(4));
        Assert.True(rig.Mount.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_volume_is_what_the_options_say()
    {
        var options = DriveRig.Options with
        {
            MountPoint = "s", VolumeLabel = "photos", ReadOnly = true, VolumeSerial = 0x1234, VolumeCreated = DateTimeOffset.FromFileTime(99), CacheFor = TimeSpan.FromMilliseconds(700),
        };
        await using var rig = new DriveRig(options, unlisted: true);
        Assert.Equal("S:", rig.Mount.MountPoint);
        CheckVolume(rig);
        var volume = rig.Driver.Volume();
        Assert.Equal(12, volume.LabelLength);
        Assert.Equal("photos", Label(volume));
        Assert.True(volume.TotalSize >= volume.FreeSize && volume.FreeSize > 0);
        rig.Core.Bucket.Put("p/new", []);
        var file = rig.Driver.Must("\\new", Disposition.Open); // with every right that the driver can give
        Assert.Empty(rig.Core.Files.Written);
        rig.Driver.Close(file);
    }

    [Theory]
    [InlineData("Preflight", 0xC0000035u, WindowsMountFailure.MountPointInUse, "in use")]
    [InlineData("Preflight", 0xC000000Eu, WindowsMountFailure.NoDriver, "driver does not run")]
    [InlineData("Create", 0xC0000022u, WindowsMountFailure.NotPermitted, "may not")]
    [InlineData("SetMountPoint", 0xC0000034u, WindowsMountFailure.MountPointInUse, "No drive letter is free")]
    [InlineData("StartDispatcher", 0xC0000001u, WindowsMountFailure.Other, "0xC0000001")]
    public async Task A_failure_says_what_to_do_and_leaves_nothing(string call, uint status, object failure, string words)
    {
        await using var core = new TestDrive();
        using var winFsp = new FakeWinFsp();
        winFsp.Failures[call] = unchecked((int)status);
        var refused = Assert.Throws<WindowsMountException>(() => Start(core.Files, DriveRig.Options));
        Assert.Equal(failure, refused.Failure);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith(refused.Remedy, refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refused.Remedy);
        var made = winFsp.Calls.Any(made => made.StartsWith("SetMountPoint", StringComparison.Ordinal));
        Assert.Equal(made ? "Delete" : call, winFsp.Calls.Last().Split(' ')[0]);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("*", null)]
    [InlineData("q", "Q:")]
    [InlineData("S:", "S:")]
    [InlineData("s:\\", "S:")]
    [InlineData("C:\\Drives\\bucket\\", "C:\\Drives\\bucket")]
    [InlineData("C:/Drives/bucket", "C:\\Drives\\bucket")]
    public void Mount_points_are_letters_or_folders(string? text, string? expected) => Assert.Equal(expected, MountPoints.Normalize(text));

    [Theory]
    [InlineData("1:")]
    [InlineData("drive")]
    [InlineData("\\\\server\\share")]
    [InlineData("S:relative")]
    [InlineData("/")]
    public void Other_mount_points_are_refused(string text)
    {
        var refused = Assert.Throws<WindowsMountException>(() => MountPoints.Normalize(text));
        Assert.Equal(WindowsMountFailure.BadMountPoint, refused.Failure);
        Assert.Contains("drive letter", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_of_the_options_are_told()
    {
        Assert.Empty(new WindowsMountOptions().Validate());
        var wrong = new WindowsMountOptions
        {
            VolumeLabel = new string('x', 32), FileSystemName = "", OwnerSid = "me", OtherSids = ["S-1-5-99999999999"],
            Threads = 65, NamePatience = TimeSpan.FromHours(1), CacheFor = TimeSpan.FromHours(1),
        };
        Assert.Equal(7, wrong.Validate().Count);
    }

    [Fact]
    public void A_version_that_is_too_old_is_refused_and_one_with_faults_is_warned_of()
    {
        var refused = Assert.Throws<WindowsMountException>(() => Load(1, 12));
        Assert.Equal(WindowsMountFailure.TooOld, refused.Failure);
        Assert.Contains(WinFspDll.Download, refused.Message, StringComparison.Ordinal);
        Assert.Contains("CVE-2026-3006", Load(2, 1).Warning!, StringComparison.Ordinal);
        var current = Load(2, 2);
        Assert.Equal(new Version(2, 2), current.Version);
        Assert.Null(current.Warning);
    }

    [Fact]
    public async Task A_drive_that_is_taken_away_from_outside_ends()
    {
        await using var rig = new DriveRig();
        StopFromOutside(rig);
        await rig.Mount.Completion.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("Delete", rig.WinFsp.Calls.Last());
    }

    [Fact]
    public void Security_descriptors_are_the_bytes_that_Windows_makes()
    {
        // O:S-1-5-32-545 G:S-1-5-32-545 D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-32-545), put together by hand after MS-DTYP 2.4.
        var expected = new StringBuilder()
            .Append("0100").Append("0490").Append("14000000").Append("24000000").Append("00000000").Append("34000000")
            .Append("01020000000000052000000021020000").Append("01020000000000052000000021020000")
            .Append("02004C0003000000")
            .Append("00001400FF011F00").Append("010100000000000512000000")
            .Append("00001800FF011F00").Append("01020000000000052000000020020000")
            .Append("00001800FF011F00").Append("01020000000000052000000021020000");
        Assert.Equal(expected.ToString(), Convert.ToHexString(SecurityDescriptors.Build("S-1-5-32-545", ["S-1-5-18"])));
    }

    private static WinFspDll Load(uint major, uint minor)
    {
        using var winFsp = new FakeWinFsp { VersionNumber = major << 16 | minor };
        return new WinFspDll("x", FakeWinFsp.Api());
    }

    private static void Start(IFileSystem files, WindowsMountOptions options) =>
        WindowsMount.Start(new WinFspDll("fake", FakeWinFsp.Api()), files, options, NullLogger.Instance);

    private static unsafe void StopFromOutside(DriveRig rig) => rig.WinFsp.Table->DispatcherStopped(rig.WinFsp.FileSystem, 0);

    private static unsafe string Label(VolumeInfo volume) => new(volume.Label, 0, volume.LabelLength / sizeof(char));

    private static unsafe void CheckVolume(DriveRig rig)
    {
        var volume = *rig.WinFsp.Volume;
        Assert.Equal((504, 512, 8, 255), (volume.Version, volume.SectorSize, volume.SectorsPerAllocationUnit, volume.MaxComponentLength));
        Assert.Equal((0x1234u, 99ul), (volume.VolumeSerialNumber, volume.VolumeCreationTime));
        Assert.Equal((700u, 700u, 700u, 700u), (volume.FileInfoTimeout, volume.VolumeInfoTimeout, volume.DirInfoTimeout, volume.SecurityTimeout));
        Assert.Equal(0x1620Eu, (uint)volume.Flags);
        Assert.Equal("NTFS", new string(volume.FileSystemName));
        Assert.Equal('\0', volume.Prefix[0]);
    }
}
