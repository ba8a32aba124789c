using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>State and staging on a small disk of their own (P7): what does not fit is refused with ENOSPC, is never published in part, and
/// what was closed before arrives.</summary>
public class DiskFullTests
{
    private const int Disk = 128;

    [Fact]
    public async Task A_file_larger_than_the_staging_disk_is_refused_and_never_published_in_part()
    {
        await using var rig = await SmallDiskAsync();
        rig.MakeFile("source/kept", 1 << 20, seed: 1);
        rig.MakeFile("source/small", 20 << 20, seed: 2);
        await rig.ShAsync("""cp source/kept "$DRIVE"/file; cp source/kept "$DRIVE"/kept""");
        (await rig.WaitAsync()).Expect(0);

        var big = await Command.RunAsync("sh", ["-c", """head -c 300M /dev/urandom > "$WORK"/big; cp "$WORK"/big "$DRIVE"/file"""], rig.Environment);
        var another = await Command.RunAsync("cp", [Path.Combine(rig.Work, "big"), Path.Combine(rig.Drive, "new")], rig.Environment);

        foreach (var copy in (CommandResult[])[big, another])
        {
            Assert.Equal(1, copy.ExitCode);
            Assert.Contains("No space left on device", copy.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("Input/output", copy.Errors, StringComparison.Ordinal);
        }

        Assert.Equal("incomplete", await rig.StateOfAsync("file"));
        Assert.Equal("incomplete", await rig.StateOfAsync("new"));
        Assert.Contains("full", await rig.DiskProblemAsync(), StringComparison.Ordinal);
        await rig.ShAsync("""mkdir "$DRIVE"/folder; mv "$DRIVE"/kept "$DRIVE"/folder/kept; ln -s kept "$DRIVE"/folder/link; ls "$DRIVE" """);
        await rig.ShAsync("""mkdir expected; cp source/kept expected/file; mkdir expected/folder; cp source/kept expected/folder; ln -s kept expected/folder/link""");
        await Poll.UntilAsync(() => rig.CompareAsync(Path.Combine(rig.Work, "expected")), report => report.Problems.Count == 0, "the earlier version, and all that is whole");

        await rig.ShAsync("""rm "$DRIVE"/new; cp source/small "$DRIVE"/file; cmp source/small "$DRIVE"/file; cp source/small expected/file""");
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "expected"))).ExpectClean();
        Assert.Null(await rig.DiskProblemAsync());
        var log = await rig.Store.QuietLogAsync();
        Assert.DoesNotContain(log, request => request.Key == "new" && request.Succeeded && request.BytesIn > 0);
        Assert.Equal((1 << 20) + (20 << 20), log.Where(request => request.Key == "file" && request.Succeeded && request.Operation is "PutObject" or "UploadPart").Sum(request => request.Key == "file" ? request.BytesIn : 0));
    }

    [Fact]
    public async Task More_than_the_disk_holds_goes_through_it_when_the_store_keeps_up()
    {
        await using var rig = await Rig.OnDiskOfItsOwnAsync(Disk / 2);
        await rig.ShAsync("""
            mkdir source
            for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
                head -c 8M /dev/urandom > source/$i
                tries=0
                until cp source/$i "$DRIVE"/$i 2>errors; do
                    grep -q 'No space left on device' errors
                    "$SYNCAGENT" wait --state state --timeout 60 >/dev/null || [ $? = 1 ]
                    tries=$((tries+1)); [ $tries -lt 5 ]
                done
            done
            """);
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
    }

    [Fact]
    public async Task A_disk_that_others_fill_to_the_last_byte_loses_nothing_and_goes_on_by_itself()
    {
        await using var rig = await SmallDiskAsync();
        var disk = rig.Disk!;
        await rig.Store.KillAsync();
        await rig.ShAsync("""
            mkdir source
            for i in $(seq 40); do head -c 100k /dev/urandom > source/$i; done
            cp source/* "$DRIVE"/
            """);
        await Poll.UntilAsync(() => File.Exists(Path.Combine(rig.State, "ballast")), "the journal's own reserve");
        await disk.FillAsync();

        var refused = await rig.PythonAsync("""
            import errno, mmap
            def error(action):
                try: action()
                except OSError as e: return errno.errorcode[e.errno]
                return 'none'
            def mapped():
                fd = os.open('mapped', os.O_RDWR)
                with mmap.mmap(fd, 8 << 20) as m:
                    m[:] = b'x' * (8 << 20)
                    m.flush()
            def copied():
                out = os.open('2', os.O_WRONLY)
                try:
                    while os.copy_file_range(os.open('1', os.O_RDONLY), out, 1 << 20, 0, 50_000) > 0: raise SystemExit('copied')
                finally:
                    os.close(out)
            def write():
                with open('3', 'r+b', buffering=0) as f: f.write(b'y' * 1_000_000)
            print(error(write), error(copied), error(lambda: os.mkdir('folder')), error(lambda: os.rename('4', 'renamed')),
                error(lambda: os.posix_fallocate(os.open('5', os.O_RDWR), 0, 1 << 24)), error(lambda: os.open('made', os.O_CREAT | os.O_WRONLY)),
                error(lambda: os.open('6', os.O_RDONLY)), error(lambda: os.listdir('.')))
            """);
        Assert.Equal("ENOSPC ENOSPC ENOSPC ENOSPC ENOSPC ENOSPC none none", refused);
        await rig.ShAsync("""cmp source/7 "$DRIVE"/7""");

        // The confirmations are commits: the ballast is for them.
        await rig.Store.StartAsync();
        await Poll.UntilAsync(async () => (await rig.Store.LogAsync()).Count(request => request is { Operation: "PutObject", Succeeded: true }), count => count >= 38, "the closed files");
        disk.TakeFillingAway();
        await rig.ShAsync("""rm -f "$DRIVE"/made; for i in $(seq 40); do cmp source/$i "$DRIVE"/$i; done; cp source/2 "$DRIVE"/2; cp source/1 "$DRIVE"/3; cp source/1 source/3""");
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        await Poll.UntilAsync(() => File.Exists(Path.Combine(rig.State, "ballast")), "the reserve that is laid in again");
        Assert.InRange(rig.AgentLog().Count, 0, 40);
    }

    [Fact]
    public async Task A_memory_map_that_finds_no_space_says_so_at_msync_fsync_or_close()
    {
        await using var rig = await SmallDiskAsync();
        var said = await rig.PythonAsync("""
            import errno, mmap
            said = []
            fd = os.open('mapped', os.O_RDWR | os.O_CREAT)
            os.ftruncate(fd, 300 << 20)
            with mmap.mmap(fd, 300 << 20) as m:
                for at in range(0, 300 << 20, 1 << 20):
                    m[at:at + (1 << 20)] = b'x' * (1 << 20)
                try: m.flush()
                except OSError as e: said.append(errno.errorcode[e.errno])
            for end in (os.fsync, os.close):
                try: end(fd)
                except OSError as e: said.append(errno.errorcode[e.errno])
            print(*sorted(set(said)))
            """);
        Assert.Equal("ENOSPC", said);
        Assert.Equal("incomplete", await rig.StateOfAsync("mapped"));
        Assert.DoesNotContain(await rig.Store.LogAsync(), request => request.Key == "mapped" && request.BytesIn > 0);
    }

    private static Task<Rig> SmallDiskAsync() => Rig.OnDiskOfItsOwnAsync(Disk);
}
