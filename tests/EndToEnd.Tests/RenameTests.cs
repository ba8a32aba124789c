using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Renames, seen from the bucket's side.</summary>
public class RenameTests
{
    /// <summary>Long enough for a script's steps on a busy machine, short enough to wait for.</summary>
    private static readonly string[] PatientDebounce = ["--debounce", "8"];

    [Fact]
    public async Task A_renamed_tree_keeps_every_name_under_the_old_or_the_new_key_through_kills()
    {
        const int Files = 210, Kills = 3, CopiesPerLife = 25;
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync($"""
            mkdir -p source/new/a source/new/b/deep source/new/empty
            for i in $(seq {Files / 3}); do for d in . a b/deep; do echo "file $i in $d" > source/new/$d/$i.txt; done; done
            cp -r source/new "$DRIVE"/old
            """);
        (await rig.WaitAsync()).Expect(0);
        await rig.Store.AddFaultAsync(new { Kind = "Latency", LatencyMilliseconds = 40, Operation = "CopyObject", Times = (int?)null });
        await rig.ShAsync("""mv "$DRIVE"/old "$DRIVE"/new""");
        for (var life = 1; life <= Kills; life++)
        {
            await Poll.UntilAsync(
                rig.Store.LogAsync, log => log.Count(request => request is { Operation: "CopyObject", Succeeded: true }) >= life * CopiesPerLife, "copies");
            await EveryNameIsThereAsync(rig, Files);
            await rig.KillAgentAsync();
            await EveryNameIsThereAsync(rig, Files);
            await rig.MountAsync();
            await EveryNameIsThereAsync(rig, Files);
        }

        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.Equal("", await rig.ShAsync("""diff -r source "$DRIVE" """));
    }

    [Fact]
    public async Task A_pending_tree_that_is_renamed_asks_nothing_under_its_old_names()
    {
        await using var rig = await Rig.MountedAsync();
        (await rig.AgentAsync("pause", "--state", rig.State)).Expect(0);
        await rig.ShAsync("""
            mkdir -p source/last/deep; for i in 1 2 3 4 5; do echo $i > source/last/$i; echo deep $i > source/last/deep/$i; done
            cp -r source/last "$DRIVE"/first
            mv "$DRIVE"/first "$DRIVE"/second; mv "$DRIVE"/second/deep "$DRIVE"/second/depth; mv "$DRIVE"/second/depth "$DRIVE"/second/deep
            mv "$DRIVE"/second "$DRIVE"/last
            """);
        (await rig.AgentAsync("resume", "--state", rig.State)).Expect(0);
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.All(await KeysAskedForAsync(rig), key => Assert.StartsWith("last/", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Programs_that_save_in_several_steps_cause_requests_for_final_names_only()
    {
        await using var rig = await Rig.StartAsync();
        await rig.MountAsync(rig.MountLine(PatientDebounce));
        await rig.ListAsync();
        await rig.PythonAsync("for n in ('vim.txt', 'gedit.txt', 'sheet.ods'): open(n, 'w').write('before')");
        (await rig.WaitAsync()).Expect(0);
        var before = (await rig.Store.LogAsync()).Count;
        await rig.PythonAsync("""
            def write(name, text):
                with open(name, 'w') as f: f.write(text); f.flush(); os.fsync(f.fileno())
            # vim: may I create files here? then the old one aside, the new one in its place
            os.close(os.open('4913', os.O_CREAT | os.O_EXCL | os.O_WRONLY)); os.unlink('4913')
            os.rename('vim.txt', 'vim.txt~'); write('vim.txt', 'by vim'); os.unlink('vim.txt~')
            # gedit, and all that uses GLib
            write('.goutputstream-A1B2C3', 'by gedit'); os.rename('.goutputstream-A1B2C3', 'gedit.txt')
            # LibreOffice: a lock beside it, a temporary file in its place
            write('.~lock.sheet.ods#', ',user,host'); write('lu1234.tmp', 'by office'); os.rename('lu1234.tmp', 'sheet.ods'); os.unlink('.~lock.sheet.ods#')
            # rsync, curl and browsers
            write('.data.bin.Xy12Zz', 'by rsync'); os.rename('.data.bin.Xy12Zz', 'data.bin')
            write('setup.iso.crdownload', 'by chrome'); os.rename('setup.iso.crdownload', 'setup.iso')
            write('book.pdf', ''); write('book.pdf.part', 'by firefox'); os.rename('book.pdf.part', 'book.pdf')
            # macOS writes what the file system cannot keep beside the file, and takes it away again
            write('._photo.jpg', 'attributes'); write('photo.jpg', 'by finder'); os.unlink('._photo.jpg')
            """);
        (await rig.WaitAsync()).Expect(0);
        string[] final = ["book.pdf", "data.bin", "gedit.txt", "photo.jpg", "setup.iso", "sheet.ods", "vim.txt"];
        Assert.Equal(final, (await KeysAskedForAsync(rig, before)).Order(StringComparer.Ordinal));
        Assert.Equal(final, await KeysAsync(rig, ""));
        Assert.Equal("by vim by gedit by office", await rig.PythonAsync("print(*(open(n).read() for n in ('vim.txt', 'gedit.txt', 'sheet.ods')))"));
    }

    [Fact]
    public async Task A_rename_that_makes_a_key_too_long_is_refused_at_once_also_where_nobody_has_looked_yet()
    {
        const int ENAMETOOLONG = 36;
        var below = string.Join('/', Enumerable.Repeat(new string('n', 240), 4)); // 963 bytes
        await using var rig = await Rig.StartAsync();
        rig.MakeFile("file", 10, seed: 1);
        await rig.ChangeBucketAsync("put", $"a/{below}", Path.Combine(rig.Work, "file"));
        await rig.MountAsync();
        await rig.ListAsync();
        Assert.Equal($"{ENAMETOOLONG} ['a']", await rig.PythonAsync("""
            try: os.rename('a', 'x' * 100); print('renamed')
            except OSError as e: print(e.errno, os.listdir('.'))
            """));
        await rig.PythonAsync("os.rename('a', 'x' * 50)");
        (await rig.WaitAsync()).Expect(0);
        Assert.Contains($"{new string('x', 50)}/{below}", await KeysAsync(rig, ""));
        Assert.DoesNotContain(await KeysAskedForAsync(rig), key => key.StartsWith(new string('x', 100), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_empty_folder_outlives_restart_and_lost_cache_and_goes_when_it_is_removed()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""mkdir -p "$DRIVE"/outer/empty""");
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal(["outer/", "outer/empty/"], await KeysAsync(rig, ""));
        await rig.KillAgentAsync();
        await rig.ShAsync("rm state/cache.db*");
        await rig.MountAsync();
        await rig.ListAsync();
        Assert.Equal("empty", await rig.ShAsync("""ls "$DRIVE"/outer"""));
        await rig.ShAsync("""rmdir "$DRIVE"/outer/empty""");
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal(["outer/"], await KeysAsync(rig, ""));
    }

    /// <summary>The server's own listing, taken while the agent works.</summary>
    private static async Task EveryNameIsThereAsync(Rig rig, int files)
    {
        var names = (await KeysAsync(rig, "")).Where(key => key.EndsWith(".txt", StringComparison.Ordinal)).Select(key => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        Assert.Equal(files, names.Distinct().Count());
    }

    private static async Task<string[]> KeysAsync(Rig rig, string prefix) =>
        (await rig.ChangeBucketAsync("list", prefix)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Keys that any request has named.</summary>
    private static async Task<IReadOnlyList<string>> KeysAskedForAsync(Rig rig, int after = 0) =>
        [.. (await rig.Store.QuietLogAsync()).Skip(after).Select(request => request.Key).OfType<string>().Distinct()];
}
