using System.Runtime.InteropServices;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>What the driver is told of the volume.</summary>
internal static class VolumeParameters
{
    private const uint IrpTimeout = 300_000;
    private const uint IrpCapacity = 1000;

    /// <summary>Programs that read and write unbuffered must align to it: the size that all of them know.</summary>
    private const int SectorSize = 512;

    /// <summary>In native memory, which the caller frees.</summary>
    public static unsafe VolumeParams* Allocate(WindowsMountOptions options)
    {
        var volume = (VolumeParams*)NativeMemory.AllocZeroed((nuint)sizeof(VolumeParams));
        var timeout = (uint)options.CacheFor.TotalMilliseconds;
        *volume = new VolumeParams
        {
            Version = VolumeParams.Length,
            SectorSize = SectorSize,
            SectorsPerAllocationUnit = WindowsFileSystem.AllocationUnit / SectorSize,
            MaxComponentLength = WindowsNames.MaxLength,
            VolumeCreationTime = FileTimes.FromUtc(options.VolumeCreated),
            VolumeSerialNumber = options.VolumeSerial,
            IrpTimeout = IrpTimeout,
            IrpCapacity = IrpCapacity,
            FileInfoTimeout = timeout,
            Flags = VolumeFlags.CasePreservedNames | VolumeFlags.UnicodeOnDisk | VolumeFlags.PersistentAcls
                | VolumeFlags.PassQueryDirectoryFileName | VolumeFlags.FlushAndPurgeOnCleanup | VolumeFlags.UmFileContextIsUserContext2
                | (options.ReadOnly ? VolumeFlags.ReadOnlyVolume : 0),
            TimeoutsGiven = TimeoutFlags.VolumeInfo | TimeoutFlags.DirInfo | TimeoutFlags.Security,
            VolumeInfoTimeout = timeout,
            DirInfoTimeout = timeout,
            SecurityTimeout = timeout,
        };
        options.FileSystemName.CopyTo(new Span<char>(volume->FileSystemName, VolumeParams.FileSystemNameLength));
        return volume;
    }
}
