using System.Diagnostics;

namespace SyncAgent.Journal.Tests;

/// <summary>The listing cache on a disk of its own that is really full.</summary>
public sealed class FullDiskCacheTests : IDisposable
{
    private const int Names = 2000;
    private readonly string _disk = Directory.CreateTempSubdirectory("syncagent-test-").FullName;
    private readonly bool _isMounted;

    public FullDiskCacheTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "mounts a small tmpfs, which takes root");
        Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", _disk);
        _isMounted = true;
    }

    public void Dispose()
    {
        if (_isMounted) Run("umount", "-l", _disk);
        Directory.Delete(_disk);
    }

    [Fact]
    public void A_cache_whose_disk_is_full_forgets_and_learns_all_the_same_and_begins_anew_with_the_next_start()
    {
        using (var cache = CacheStore.Open(_disk, discard: false))
        {
            cache.ApplyListing(1, 77, [], [.. Enumerable.Range(2, Names).Select(Row)]);
            FillUp();
            cache.Take([Row(2)]);
            cache.Apply([3], [.. Enumerable.Range(Names + 2, Names).Select(Row)]);
            Assert.Null(cache.Node(2));
            Assert.Null(cache.ListedAt(1));
            Assert.Equal(Enumerable.Range(4, (2 * Names) - 2).Select(id => (long)id), Children(cache));
            Assert.False(File.Exists(Path.Combine(_disk, "cache.db")));
            cache.MarkListed(1, 78);
            Assert.Equal(78, cache.ListedAt(1));
        }

        File.Delete(Path.Combine(_disk, "filler"));
        using var next = CacheStore.Open(_disk, discard: false);
        Assert.Null(next.ListedAt(1));
        Assert.Empty(Children(next));
    }

    private static List<long> Children(CacheStore cache)
    {
        var ids = new List<long>();
        cache.VisitChildren(1, row => ids.Add(row.Id));
        ids.Sort();
        return ids;
    }

    private static NodeRow Row(int id) => new()
    {
        Id = id, Drive = 1, Parent = 1, Name = $"name {id} of a file that somebody gave a rather long name", Type = NodeType.File, Mode = 0b110_100_100, Uid = 0, Gid = 0, AttributeVersion = 1,
        Remote = new RemoteState($"k{id}", $"e{id}", null, null, 5, 0, null, 1, Proof.Listed),
    };

    private void FillUp()
    {
        using var filler = new FileStream(Path.Combine(_disk, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        while (true)
        {
            try
            {
                filler.Write(page);
            }
            catch (IOException)
            {
                return; // full
            }
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
