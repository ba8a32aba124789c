using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows.Tests.Driver;

internal sealed unsafe partial class FakeDriver
{
    private const uint ReadKind = 5;
    private const uint WriteKind = 6;
    private const uint QueryInformationKind = 7;
    private const uint FlushKind = 11;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Reads; a late answer is waited for.</summary>
    public int Read(FileObject file, long offset, int length, out byte[] bytes)
    {
        var (status, read) = ReadAsync(file, offset, length).WaitAsync(Patience).GetAwaiter().GetResult();
        bytes = read;
        return status;
    }

    /// <summary>Reads; the task ends when the answer has come.</summary>
    public Task<(int Status, byte[] Bytes)> ReadAsync(FileObject file, long offset, int length)
    {
        var buffer = DriverMemory.Rent(length);
        var answer = winFsp.Begin(ReadKind, out var hint);
        uint done = 0xDEAD;
        var status = Table->Read(FileSystem, file.Context, (byte*)buffer, (ulong)offset, (uint)length, &done);
        if (status == NtStatus.Pending) return DriverMemory.TakeLateAsync(answer, buffer, ReadKind);
        winFsp.End(hint);
        return Task.FromResult((status, DriverMemory.Take(buffer, done)));
    }

    /// <summary>Writes all.</summary>
    public int Write(FileObject file, long offset, ReadOnlySpan<byte> bytes, bool atEnd = false, bool paging = false) =>
        Write(file, offset, bytes, atEnd, paging, out _, out _);

    public int Write(FileObject file, long offset, ReadOnlySpan<byte> bytes, bool atEnd, bool paging, out uint done, out FspFileInfo info)
    {
        winFsp.BeginQuick(WriteKind);
        uint written = 0xDEAD;
        var after = default(FspFileInfo);
        int status;
        fixed (byte* data = bytes)
        {
            status = Table->Write(
                FileSystem, file.Context, data, atEnd ? ulong.MaxValue : (ulong)offset, (uint)bytes.Length, (byte)(atEnd ? 1 : 0), (byte)(paging ? 1 : 0), &written, &after);
        }

        if (status == NtStatus.Success) file.Modified = true;
        (done, info) = (written, after);
        return status;
    }

    public int Flush(FileObject? file)
    {
        winFsp.BeginQuick(FlushKind);
        var info = default(FspFileInfo);
        return Table->Flush(FileSystem, file?.Context ?? 0, &info);
    }

    public int Info(FileObject file, out FspFileInfo info)
    {
        winFsp.BeginQuick(QueryInformationKind);
        var found = default(FspFileInfo);
        var status = Table->GetFileInfo(FileSystem, file.Context, &found);
        info = found;
        return status;
    }

    public int SetBasic(FileObject file, uint attributes = 0xFFFFFFFF, ulong creation = 0, ulong access = 0, ulong write = 0)
    {
        winFsp.BeginQuick(SetInformationKind);
        var info = default(FspFileInfo);
        var status = Table->SetBasicInfo(FileSystem, file.Context, attributes, creation, access, write, 0, &info);
        if (status == NtStatus.Success && write != 0) file.TimeSet = true;
        return status;
    }

    public int SetSize(FileObject file, long size, bool allocation, out FspFileInfo info)
    {
        winFsp.BeginQuick(SetInformationKind);
        var after = default(FspFileInfo);
        var status = Table->SetFileSize(FileSystem, file.Context, (ulong)size, (byte)(allocation ? 1 : 0), &after);
        if (status == NtStatus.Success) file.Modified = true;
        info = after;
        return status;
    }

    public VolumeInfo Volume()
    {
        var info = default(VolumeInfo);
        Assert.Equal(0, Table->GetVolumeInfo(FileSystem, &info));
        return info;
    }

    /// <summary>Reads and writes as often as told, and tells what they allocated on this thread.</summary>
    public long AllocatedByReadsAndWrites(FileObject file, int times)
    {
        const int Length = 4096;
        var buffer = DriverMemory.Rent(Length);
        winFsp.BeginQuick(ReadKind);
        ReadAndWrite(file, (byte*)buffer, Length, times);
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            ReadAndWrite(file, (byte*)buffer, Length, times);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before); // the runtime's own, once, aside
        }

        DriverMemory.Take(buffer, 0);
        return least;
    }

    private void ReadAndWrite(FileObject file, byte* buffer, uint length, int times)
    {
        var info = default(FspFileInfo);
        for (var i = 0; i < times; i++)
        {
            uint done = 0;
            var written = Table->Write(FileSystem, file.Context, buffer, 0, length, 0, 0, &done, &info);
            var read = Table->Read(FileSystem, file.Context, buffer, 0, length, &done);
            if (written != 0 || read != 0 || done != length) throw new InvalidOperationException($"{written:X} {read:X} {done}");
        }
    }
}
