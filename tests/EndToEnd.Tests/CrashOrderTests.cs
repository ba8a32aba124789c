using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Kills between the steps of a save: what was closed is published whole, what was not is not (P1, P2).</summary>
public class CrashOrderTests
{
    private const int Size = 300_000;

    [Fact]
    public async Task A_closed_version_is_published_although_its_successor_was_killed_half_written()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.Store.KillAsync();
        rig.MakeFile("source/file.bin", Size, seed: 20);
        await rig.ShAsync("""cp source/file.bin "$DRIVE"/""");
        await using (await rig.HoldAsync("""
            fd = os.open('file.bin', os.O_WRONLY)
            os.pwrite(fd, b'never closed ' * 1000, 100_000)
            """))
        {
            await rig.KillAgentAsync();
        }

        await rig.Store.StartAsync();
        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(1);

        var (path, state, reason) = await rig.OnlyProblemAsync();
        Assert.Equal(("file.bin", "Interrupted"), (path, state));
        Assert.Contains("open for writing when the agent ended", reason, StringComparison.Ordinal);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.Equal("never closed", await rig.PythonAsync("print(open('file.bin', 'rb').read()[100_000:100_012].decode())"));

        await rig.ShAsync("""head -c 1000 source/file.bin > "$DRIVE"/file.bin; head -c 1000 source/file.bin > short; mv short source/file.bin""");
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
    }

    [Fact]
    public async Task A_new_file_killed_before_its_close_is_kept_and_not_published()
    {
        await using var rig = await Rig.MountedAsync();
        await using (await rig.HoldAsync("fd = os.open('half.txt', os.O_CREAT | os.O_WRONLY)\nos.write(fd, b'half')"))
        {
            await rig.KillAgentAsync();
        }

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(1);
        Assert.Equal("half.txt", (await rig.OnlyProblemAsync()).Path);
        Assert.Equal("half", await rig.ShAsync("""cat "$DRIVE"/half.txt"""));
        Assert.DoesNotContain(await rig.Store.LogAsync(), request => request.Key == "half.txt" && request.BytesIn > 0);
    }

    [Fact]
    public async Task What_close_has_answered_is_published_although_the_last_descriptor_never_closed()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/file.bin", Size, seed: 21);
        await using (await rig.HoldAsync($"""
            fd = os.open('file.bin', os.O_CREAT | os.O_WRONLY)
            other = os.dup(fd)
            os.write(fd, open('{rig.Work}/source/file.bin', 'rb').read())
            os.close(fd)
            """))
        {
            await rig.KillAgentAsync();
        }

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
    }

    [Fact]
    public async Task What_a_read_only_descriptor_made_or_cut_is_kept_when_its_close_was_answered()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""echo content > "$DRIVE"/cut""");
        (await rig.WaitAsync()).Expect(0);
        await using (await rig.HoldAsync("""
            os.close(os.open('made', os.O_CREAT | os.O_RDONLY))
            os.close(os.open('cut', os.O_TRUNC | os.O_RDONLY))
            """))
        {
            await rig.KillAgentAsync();
        }

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal("0 0", await rig.PythonAsync("print(os.stat('made').st_size, os.stat('cut').st_size)"));
        (await rig.CompareAsync(rig.Drive)).ExpectClean();
    }

    [Fact]
    public async Task A_write_after_the_answered_close_voids_it()
    {
        await using var rig = await Rig.MountedAsync();
        await using (await rig.HoldAsync("""
            fd = os.open('file.txt', os.O_CREAT | os.O_WRONLY)
            other = os.dup(fd)
            os.write(fd, b'closed')
            os.close(fd)
            os.write(other, b' and not')
            """))
        {
            await rig.KillAgentAsync();
        }

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(1);
        Assert.Equal(("file.txt", "Interrupted"), await rig.OnlyProblemAsync() is var (path, state, _) ? (path, state) : default);
        Assert.DoesNotContain(await rig.Store.LogAsync(), request => request.Key == "file.txt" && request.BytesIn > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_name_renamed_twice_and_made_again_while_its_upload_runs_comes_right(int stepsBeforeKill)
    {
        string[] steps = ["""mv "$DRIVE"/a "$DRIVE"/b""", """mv "$DRIVE"/b "$DRIVE"/c""", """cp second "$DRIVE"/a"""];
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/c", 18 << 20, seed: 22);
        rig.MakeFile("source/a", 17 << 20, seed: 23);
        await rig.Store.LimitAsync(6 << 20);
        await rig.ShAsync("""cp source/c "$DRIVE"/a; cp source/a second""");
        await rig.Store.PartsArrivedAsync(3 << 20);
        foreach (var step in steps[..stepsBeforeKill]) await rig.ShAsync(step);
        await rig.KillAgentAsync();

        await rig.Store.ClearFaultsAsync();
        await rig.MountAsync();
        foreach (var step in steps[stepsBeforeKill..]) await rig.ShAsync(step);
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.Equal("", await rig.ShAsync("""diff -r source "$DRIVE" """));
    }
}
