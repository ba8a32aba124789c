using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>The disk under state and staging fails: nothing that a program was told to be safe is lost, the drive is read-only and says why,
/// and it is writable again by itself when the disk is.</summary>
public class DiskFailureTests
{
    [Fact]
    public async Task A_disk_that_fails_makes_the_drive_read_only_and_what_was_not_kept_is_never_called_durable()
    {
        Places.SkipUnlessInstalled("qemu-storage-daemon");
        await using var rig = await Rig.OnDiskOfItsOwnAsync(128, canFail: true);
        rig.MakeFile("source/before", 1 << 20, seed: 1);
        await rig.ShAsync("""cp source/before "$DRIVE"/before""");
        (await rig.WaitAsync()).Expect(0);

        rig.MakeFile("source/closed", 3 << 20, seed: 2);
        var said = await rig.PythonAsync($"""
            import errno
            {rig.Disk!.SwitchFunction.ReplaceLineEndings("\n")}
            def error(action):
                try: action()
                except OSError as e: return errno.errorcode[e.errno]
                return 'none'
            fd = os.open('open', os.O_CREAT | os.O_RDWR)
            os.write(fd, b'x' * 3_000_000)
            other = os.open('closed', os.O_CREAT | os.O_RDWR)
            os.write(other, open('{rig.Work}/source/closed', 'rb').read())
            switch('broken')
            os.close(other)
            first = error(lambda: os.fsync(fd))
            said = [first, error(lambda: os.fsync(fd)), error(lambda: os.write(fd, b'y')), error(lambda: os.mkdir('folder')),
                error(lambda: os.unlink('before')), error(lambda: os.rename('before', 'after')), error(lambda: os.truncate('before', 1)),
                error(lambda: os.open('made', os.O_CREAT | os.O_WRONLY)), error(lambda: os.open('before', os.O_WRONLY)),
                error(lambda: os.listdir('.')), error(lambda: open('before', 'rb').read()), error(lambda: os.stat('open'))]
            print(*said)
            """);
        Assert.Equal("EIO EIO EROFS EROFS EROFS EROFS EROFS EROFS EROFS none none none", said);
        var problem = await rig.DiskProblemAsync();
        Assert.Contains("read-only", problem, StringComparison.Ordinal);
        Assert.Contains("dmesg", problem, StringComparison.Ordinal);
        Assert.True((bool)(await rig.DriveStatusAsync())["readOnly"]!);
        Assert.DoesNotContain(await rig.Store.LogAsync(), request => request.Key is "open" or "closed" && request.BytesIn > 0);
        await rig.ShAsync("""cmp source/before "$DRIVE"/before""");

        await rig.Disk.MendAsync();
        await Poll.UntilAsync(rig.DiskProblemAsync, text => text is null, "a disk that works again");
        await rig.ShAsync("""mkdir "$DRIVE"/folder; cp source/before "$DRIVE"/folder/new; mkdir source/folder; cp source/before source/folder/new""");
        (await rig.WaitAsync()).Expect(1);

        // What was closed is proved by its checksum, read from the disk, and sent; of what was open, a write failed.
        Assert.Equal(("open", "Incomplete"), await rig.OnlyProblemAsync() is var (path, state, _) ? (path, state) : default);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        await rig.ShAsync("""cp source/closed "$DRIVE"/open; cp source/closed source/open""");
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.InRange(rig.AgentLog().Count, 0, 30);
    }

    [Fact]
    public async Task A_kill_while_bytes_that_the_disk_refused_are_saved_elsewhere_loses_none_of_them()
    {
        Places.SkipUnlessInstalled("qemu-storage-daemon");
        await using var rig = await Rig.OnDiskOfItsOwnAsync(128, canFail: true);
        await rig.KillAgentAsync();
        var environment = new Dictionary<string, string>(rig.Environment) { ["SYNCAGENT_CRASH_AT"] = "journal.MoveStaging" };
        (await Command.RunAsync(Places.Program, rig.MountLine(), environment)).Expect(0);

        rig.MakeFile("source/closed", 3 << 20, seed: 2);
        await rig.PythonAsync($"""
            {rig.Disk!.SwitchFunction.ReplaceLineEndings("\n")}
            file = os.open('closed', os.O_CREAT | os.O_RDWR)
            os.write(file, open('{rig.Work}/source/closed', 'rb').read())
            switch('broken')
            os.close(file)
            """);
        await Poll.UntilAsync(rig.DiskProblemAsync, text => text is not null, "a disk that fails");
        var agent = rig.AgentPid()!.Value;
        await rig.Disk.MendAsync();
        await Poll.UntilAsync(() => !Rig.IsAlive(agent), "the agent's death");
        Assert.Contains(rig.AgentLog(), line => line.Contains("journal.MoveStaging", StringComparison.Ordinal));

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
    }

    [Fact]
    public async Task A_kill_with_half_of_the_file_fsynced_keeps_that_half_and_publishes_nothing()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/replaced", 1 << 20, seed: 3);
        rig.MakeFile("written", 16 << 20, seed: 4);
        await rig.ShAsync("""cp source/replaced "$DRIVE"/replaced""");
        (await rig.WaitAsync()).Expect(0);
        await using (await rig.HoldAsync($"""
            bytes = open('{rig.Work}/written', 'rb').read()
            for name in ('new', 'replaced'):
                fd = os.open(name, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
                os.write(fd, bytes[:8 << 20])
                os.fsync(fd)
                os.write(fd, bytes[8 << 20:])
            """))
        {
            await rig.KillAgentAsync();
        }

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(1);
        foreach (var name in (string[])["new", "replaced"])
        {
            Assert.Equal("interrupted", await rig.StateOfAsync(name));
            await rig.ShAsync($"""cmp -n {8 << 20} written "$DRIVE"/{name}""");
        }

        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.DoesNotContain(await rig.Store.LogAsync(), request => request.Key == "new" && request.BytesIn > 0);
    }
}
