using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows.Tests.Driver;

internal sealed unsafe partial class FakeDriver
{
    private const uint QueryDirectoryKind = 14;

    /// <summary>All entries of a folder, read by buffers of a size, or the status of the first that failed.</summary>
    public int Enumerate(string path, out List<(string Name, FspFileInfo Info)> entries, int bufferSize = 65536)
    {
        entries = [];
        var status = Open(path, Disposition.Open, out var folder, ReadOnly, CreateOptions.DirectoryFile);
        if (status != NtStatus.Success) return status;
        status = Enumerate(folder!, entries, bufferSize);
        Close(folder!);
        return status;
    }

    /// <summary>Names without "." and "..".</summary>
    public List<string> Names(string path)
    {
        Assert.Equal(0, Enumerate(path, out var entries));
        return [.. entries.Select(entry => entry.Name).Where(name => name is not ("." or ".."))];
    }

    public int Enumerate(FileObject folder, List<(string Name, FspFileInfo Info)> entries, int bufferSize)
    {
        string? marker = null;
        while (true)
        {
            var (status, bytes) = QueryDirectory(folder, marker, bufferSize).WaitAsync(Patience).GetAwaiter().GetResult();
            if (status != NtStatus.Success) return status;
            var before = entries.Count;
            if (Parse(bytes, entries)) return NtStatus.Success;
            if (entries.Count == before) throw new InvalidOperationException("neither an entry nor the end");
            marker = entries[^1].Name;
        }
    }

    /// <summary>One buffer.</summary>
    public Task<(int Status, byte[] Bytes)> QueryDirectory(FileObject folder, string? marker, int bufferSize)
    {
        var buffer = DriverMemory.Rent(bufferSize);
        var answer = winFsp.Begin(QueryDirectoryKind, out var hint);
        uint done = 0;
        int status;
        fixed (char* from = marker) status = Table->ReadDirectory(FileSystem, folder.Context, null, from, (byte*)buffer, (uint)bufferSize, &done);
        if (status == NtStatus.Pending) return DriverMemory.TakeLateAsync(answer, buffer, QueryDirectoryKind);
        winFsp.End(hint);
        return Task.FromResult((status, DriverMemory.Take(buffer, done)));
    }

    /// <summary>One entry by name, as FindFirstFile asks for a name without wildcards.</summary>
    public int FindOne(FileObject folder, string name, out string shown)
    {
        winFsp.BeginQuick(QueryDirectoryKind);
        var memory = stackalloc ulong[128];
        var info = (DirInfo*)memory;
        int status;
        fixed (char* wanted = name) status = Table->GetDirInfoByName(FileSystem, folder.Context, wanted, info);
        shown = status == NtStatus.Success ? NameOf((byte*)info, info->Size) : "";
        return status;
    }

    // True at the end of the directory.
    public static bool Parse(byte[] bytes, List<(string Name, FspFileInfo Info)> entries)
    {
        const int Alignment = 8;
        fixed (byte* start = bytes)
        {
            for (var at = 0; at < bytes.Length;)
            {
                var size = *(ushort*)(start + at);
                if (size == 0) return true;
                entries.Add((NameOf(start + at, size), ((DirInfo*)(start + at))->FileInfo));
                at += (size + Alignment - 1) / Alignment * Alignment;
            }
        }

        return false;
    }

    private static string NameOf(byte* info, int size) => new((char*)(info + sizeof(DirInfo)), 0, (size - sizeof(DirInfo)) / sizeof(char));
}
