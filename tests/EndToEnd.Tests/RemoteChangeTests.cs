using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>What a second client does to the bucket while the drive is mounted.</summary>
public class RemoteChangeTests
{
    [Fact]
    public async Task What_another_client_changes_shows_after_a_refresh_through_all_caches()
    {
        await using var rig = await Rig.StartAsync();
        foreach (var key in (string[])["changed", "gone", "file-then-folder", "folder-then-file/inside", "d/changed"]) await PutAsync(rig, key, "before");
        await rig.MountAsync();
        await rig.ListAsync();
        const string Look = """
            import mmap
            def mapped(path):
                with open(path, 'rb') as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as map: return bytes(map)

            """;
        await rig.PythonAsync(Look + """
            for path in 'changed', 'gone', 'file-then-folder', 'folder-then-file/inside', 'd/changed':
                assert mapped(path) == open(path, 'rb').read() == b'before', path
            assert not os.path.exists('new') and not os.path.exists('d/new') # the kernel remembers that
            """);

        foreach (var key in (string[])["changed", "d/changed", "new", "d/new", "file-then-folder/inside", "folder-then-file"]) await PutAsync(rig, key, "after!");
        foreach (var key in (string[])["gone", "file-then-folder", "folder-then-file/inside"]) await rig.ChangeBucketAsync("delete", key);
        Assert.Equal("2 folders listed", (await rig.AgentAsync("refresh", rig.Drive, "--recursive", "--state", rig.State)).Expect(0).Output.Trim());

        await rig.PythonAsync(Look + """
            assert sorted(os.listdir('.')) == ['changed', 'd', 'file-then-folder', 'folder-then-file', 'new'], os.listdir('.')
            for path in 'changed', 'd/changed', 'new', 'd/new', 'file-then-folder/inside', 'folder-then-file':
                assert mapped(path) == open(path, 'rb').read() == b'after!', path
            assert not os.path.exists('gone')
            """);
        Assert.Empty((await rig.DriveStatusAsync())["problems"]!.AsArray());
    }

    [Fact]
    public async Task A_remote_delete_under_a_dirty_file_keeps_the_file()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""mkdir "$DRIVE"/d; echo first > "$DRIVE"/d/f; echo clean > "$DRIVE"/d/clean""");
        (await rig.WaitAsync()).Expect(0);
        (await rig.AgentAsync("pause", "--state", rig.State)).Expect(0);
        await rig.ShAsync("""echo mine > "$DRIVE"/d/f""");
        foreach (var key in (string[])["d/f", "d/clean", "d/"]) await rig.ChangeBucketAsync("delete", key);
        (await rig.AgentAsync("refresh", rig.Drive, "-r", "--state", rig.State)).Expect(0);
        Assert.Equal("f: mine", await rig.ShAsync("""cd "$DRIVE"/d; echo "$(ls): $(cat f)" """));

        (await rig.AgentAsync("resume", "--state", rig.State)).Expect(0);
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(rig.Drive, implicitFolders: true)).ExpectClean();
        Assert.Equal("mine", await rig.ShAsync("""cat "$DRIVE"/d/f"""));
    }

    [Fact]
    public async Task A_file_that_both_sides_changed_is_kept_twice()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""echo first > "$DRIVE"/f.txt""");
        (await rig.WaitAsync()).Expect(0);
        (await rig.AgentAsync("pause", "--state", rig.State)).Expect(0);
        await rig.ShAsync("""echo ours > "$DRIVE"/f.txt""");
        await PutAsync(rig, "f.txt", "theirs");
        (await rig.AgentAsync("refresh", rig.Drive, "--state", rig.State)).Expect(0);
        Assert.Equal("ours", await rig.ShAsync("""cat "$DRIVE"/f.txt"""));

        (await rig.AgentAsync("resume", "--state", rig.State)).Expect(0);
        (await rig.WaitAsync()).Expect(0);
        (await rig.AgentAsync("refresh", rig.Drive, "--state", rig.State)).Expect(0);
        Assert.Equal("ours theirs", await rig.ShAsync("""cd "$DRIVE"; test "$(ls | wc -l)" = 2; echo "$(cat f\ \(conflict*\).txt) $(cat f.txt)" """));
        Assert.Contains("was changed in the bucket too", await rig.ShAsync("cat state/agent.log"), StringComparison.Ordinal);
        (await rig.CompareAsync(rig.Drive)).ExpectClean();
    }

    [Fact]
    public async Task An_archived_object_says_so_at_once_and_is_readable_once_it_is_restored()
    {
        await using var rig = await Rig.StartAsync();
        var file = rig.MakeFile("film", 100_000, seed: 70);
        foreach (var key in (string[])["film", "other"]) await rig.ChangeBucketAsync("put", key, file, "Archive");
        await rig.MountAsync();
        await rig.ListAsync();
        const string Refused = """
            import errno, time
            begun = time.monotonic()
            assert os.stat('film').st_size == 100_000
            for _ in range(3):
                try: open('film', 'rb').read(); raise SystemExit('it was read')
                except OSError as e: assert e.errno == errno.EREMOTEIO, e
            assert time.monotonic() - begun < 30
            assert os.getxattr('film', 'user.syncagent.state') == b'remote'
            error = os.getxattr('film', 'user.syncagent.error').decode()
            assert 'Restore the object' in error, error

            """;
        await rig.PythonAsync(Refused);
        var asked = (await rig.Store.QuietLogAsync()).Count(request => request.Operation == "GetObject");
        Assert.InRange(asked, 1, 12); // the kernel asks a few times per try; nothing below it asks again
        Assert.Equal("1", await rig.ShAsync("grep -c 'in an archive class' state/agent.log"));

        await rig.ChangeBucketAsync("restore", "film");
        await rig.PythonAsync($"""
            assert open('film', 'rb').read() == open('{file}', 'rb').read()
            try: os.getxattr('film', 'user.syncagent.error'); raise SystemExit('there is still an error')
            except OSError: pass
            open('other', 'w').write('whole')
            """);
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal("whole", await rig.ShAsync("""cat "$DRIVE"/other"""));
    }

    private static Task<string> PutAsync(Rig rig, string key, string content)
    {
        var file = Path.Combine(rig.Work, "to-put");
        File.WriteAllText(file, content);
        return rig.ChangeBucketAsync("put", key, file);
    }
}
