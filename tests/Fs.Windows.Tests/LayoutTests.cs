using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows.Tests;

/// <summary>Sizes and offsets of WinFsp's structures, as a C compiler printed them from its published headers.</summary>
public sealed class LayoutTests
{
    [Fact]
    public unsafe void Sizes_are_those_of_the_headers()
    {
        Assert.Equal(504, sizeof(VolumeParams));
        Assert.Equal(88, sizeof(VolumeInfo));
        Assert.Equal(72, sizeof(FspFileInfo));
        Assert.Equal(88, sizeof(OpenFileInfo));
        Assert.Equal(104, sizeof(DirInfo));
        Assert.Equal(792, sizeof(FspFileSystem));
        Assert.Equal(16, sizeof(OperationContext));
        Assert.Equal(88, sizeof(TransactRequest));
        Assert.Equal(128, sizeof(TransactResponse));
        Assert.Equal(512, sizeof(FspInterface));
    }

    [Theory]
    [InlineData(typeof(VolumeParams), "Version=0 SectorSize=2 SectorsPerAllocationUnit=4 MaxComponentLength=6 VolumeCreationTime=8 VolumeSerialNumber=16 IrpTimeout=24 IrpCapacity=28 FileInfoTimeout=32 Flags=36 Prefix=40 FileSystemName=424 TimeoutsGiven=456 VolumeInfoTimeout=460 DirInfoTimeout=464 SecurityTimeout=468 StreamInfoTimeout=472 EaTimeout=476 FsextControlCode=480")]
    [InlineData(typeof(VolumeInfo), "TotalSize=0 FreeSize=8 LabelLength=16 Label=18")]
    [InlineData(typeof(FspFileInfo), "Attributes=0 ReparseTag=4 AllocationSize=8 FileSize=16 CreationTime=24 LastAccessTime=32 LastWriteTime=40 ChangeTime=48 IndexNumber=56 HardLinks=64 EaSize=68")]
    [InlineData(typeof(OpenFileInfo), "FileInfo=0 NormalizedName=72 NormalizedNameSize=80")]
    [InlineData(typeof(DirInfo), "Size=0 FileInfo=8 NextOffset=80")]
    [InlineData(typeof(FspFileSystem), "UserContext=8 MountPoint=752")]
    [InlineData(typeof(OperationContext), "Request=0 Response=8")]
    [InlineData(typeof(TransactRequest), "Size=2 Kind=4 Hint=8")]
    [InlineData(typeof(TransactResponse), "Size=2 Kind=4 Hint=8 Information=16 Status=20 WriteFileInfo=24")]
    [InlineData(typeof(FspInterface), "GetVolumeInfo=0 GetSecurityByName=16 Create=24 Open=32 Overwrite=40 Cleanup=48 Close=56 Read=64 Write=72 Flush=80 GetFileInfo=88 SetBasicInfo=96 SetFileSize=104 CanDelete=112 Rename=120 GetSecurity=128 ReadDirectory=144 GetDirInfoByName=192 DispatcherStopped=256")]
    public void Offsets_are_those_of_the_headers(Type type, string expected) => Assert.Equal(
        expected, string.Join(' ', Fields(type).Select(field => $"{field.Name}={field.GetCustomAttribute<FieldOffsetAttribute>()!.Value}")));

    [Theory]
    [InlineData(typeof(VolumeFlags), "CaseSensitiveSearch=1 CasePreservedNames=2 UnicodeOnDisk=4 PersistentAcls=8 ReadOnlyVolume=200 PostCleanupWhenModifiedOnly=400 PassQueryDirectoryFileName=2000 FlushAndPurgeOnCleanup=4000 UmFileContextIsUserContext2=10000")]
    [InlineData(typeof(TimeoutFlags), "VolumeInfo=1 DirInfo=2 Security=4")]
    [InlineData(typeof(CleanupFlags), "None=0 Delete=1 SetAllocationSize=2 SetArchiveBit=10 SetLastAccessTime=20 SetLastWriteTime=40 SetChangeTime=80")]
    public void Flags_are_those_of_the_headers(Type type, string expected) => Assert.Equal(
        expected, string.Join(' ', Enum.GetValuesAsUnderlyingType(type).Cast<uint>().Select(value => $"{Enum.GetName(type, value)}={value:X}")));

    [Fact]
    public void What_crosses_the_border_is_blittable()
    {
        foreach (var type in (Type[])[typeof(VolumeParams), typeof(VolumeInfo), typeof(FspFileInfo), typeof(OpenFileInfo), typeof(DirInfo), typeof(TransactRequest), typeof(TransactResponse), typeof(FspInterface)])
        {
            var holds = typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!.MakeGenericMethod(type);
            Assert.False((bool)holds.Invoke(null, null)!);
        }
    }

    private static IEnumerable<FieldInfo> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(field => field.GetCustomAttribute<FieldOffsetAttribute>()!.Value);
}
