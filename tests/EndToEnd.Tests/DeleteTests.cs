using System.Globalization;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Removals on a real mount, seen from the bucket's side.</summary>
public class DeleteTests
{
    [Fact]
    public async Task A_removed_tree_costs_a_listing_and_a_deletion_per_thousand_objects()
    {
        const int Count = 2000;
        await using var rig = await Rig.StartAsync();
        await rig.ChangeBucketAsync("fill", "tree/", $"{Count}");
        await rig.MountAsync();
        await rig.ListAsync();
        Assert.Equal($"{Count}", await rig.ShAsync("""ls "$DRIVE"/tree | wc -l"""));
        var before = (await rig.Store.QuietLogAsync()).Count;
        await rig.ShAsync("""rm -r "$DRIVE"/tree""");
        (await rig.WaitAsync()).Expect(0);
        Assert.Empty(await KeysAsync(rig, ""));
        var requests = (await rig.Store.QuietLogAsync()).Skip(before).ToLookup(request => request.Operation);
        Assert.InRange(requests["DeleteMultipleObjects"].Count(), 2, 8);
        Assert.InRange(requests["ListObjectsV2"].Count(), 2, 16);
        Assert.InRange(requests["DeleteObject"].Count(), 0, 2); // the folder's marker
    }

    [Fact]
    public async Task A_mass_deletion_waits_for_a_word_and_can_be_taken_back_also_after_a_kill()
    {
        string[] line = ["--mass-delete-limit", "20"];
        await using var rig = await Rig.StartAsync();
        await rig.ChangeBucketAsync("fill", "tree/", "40");
        await rig.MountAsync(rig.MountLine(line));
        await rig.ListAsync();
        await rig.ShAsync("""rm -r "$DRIVE"/tree; test ! -e "$DRIVE"/tree; echo small > "$DRIVE"/other""");
        (await rig.WaitAsync()).Expect(1);
        await rig.KillAgentAsync();
        await rig.MountAsync(rig.MountLine(line));
        var waited = (await rig.WaitAsync()).Expect(1);
        Assert.Contains("deletes confirm", waited.Output + waited.Errors, StringComparison.Ordinal);
        // The folder's marker may have been sent before it was removed.
        Assert.Matches("4[01] deletes wait for you", (await rig.AgentAsync("status", "--state", rig.State)).Expect(0).Output);
        Assert.Contains("tree/00039", (await rig.AgentAsync("deletes", "list", "--state", rig.State)).Expect(0).Output, StringComparison.Ordinal);
        Assert.Equal(40, (await KeysAsync(rig, "tree/0")).Length);

        (await rig.AgentAsync("deletes", "restore", "--state", rig.State)).Expect(0);
        var listed = await Poll.UntilAsync(
            () => Command.RunAsync("ls", [Path.Combine(rig.Drive, "tree")], rig.Environment),
            answer => !answer.Errors.Contains("timed out", StringComparison.Ordinal), "a listing"); // a first one may take a busy store longer than a second
        Assert.Equal(40, listed.Expect(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("content of 00007", await rig.ShAsync("""cat "$DRIVE"/tree/00007"""));
        (await rig.WaitAsync()).Expect(0);

        await rig.ShAsync("""rm -r "$DRIVE"/tree""");
        (await rig.WaitAsync()).Expect(1);
        (await rig.AgentAsync("deletes", "confirm", "--state", rig.State)).Expect(0);
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal(["other"], await KeysAsync(rig, ""));
    }

    [Fact]
    public async Task With_a_trash_removed_files_are_kept_out_of_sight()
    {
        await using var rig = await Rig.StartAsync();
        await rig.MountAsync(rig.MountLine("--trash", ".syncagent/trash/"));
        await rig.ListAsync();
        await rig.ShAsync("""mkdir "$DRIVE"/d; echo first > "$DRIVE"/d/a; echo second > "$DRIVE"/d/b; echo third > "$DRIVE"/c""");
        (await rig.WaitAsync()).Expect(0);
        await rig.ShAsync("""mv "$DRIVE"/c "$DRIVE"/d/b; rm "$DRIVE"/d/a""");
        (await rig.WaitAsync()).Expect(0);
        var kept = await KeysAsync(rig, ".syncagent/trash/");
        Assert.Equal(["d/a", "d/b"], kept.Select(key => key[".syncagent/trash/2026-01-01T00-00-00Z/".Length..]).Order(StringComparer.Ordinal));
        Assert.All(kept, key => DateTime.ParseExact(key.Split('/')[2], "yyyy-MM-dd'T'HH-mm-ss'Z'", CultureInfo.InvariantCulture));
        Assert.Equal("d", await rig.ShAsync("""ls -A "$DRIVE" """));
        Assert.Equal("third", await rig.ShAsync("""cat "$DRIVE"/d/b"""));
    }

    [Theory]
    [InlineData("os.unlink('film')")]
    [InlineData("open('other', 'w').write('new'); os.rename('other', 'film')")]
    [InlineData("os.rename('film', 'renamed'); os.unlink('renamed')")]
    public async Task A_remote_file_that_goes_while_it_is_read_is_read_to_its_end(string change)
    {
        const int Length = 12 << 20;
        await using var rig = await Rig.StartAsync();
        var local = rig.MakeFile("film", Length, seed: 5);
        await rig.ChangeBucketAsync("put", "film", local);
        rig.MakeFile("small", 10, seed: 6);
        await rig.ChangeBucketAsync("put", "marker", Path.Combine(rig.Work, "small"));
        await rig.MountAsync();
        await rig.ListAsync();
        var reading = rig.PythonAsync($"""
            import hashlib, time
            f = open('film', 'rb', buffering=0)
            whole = hashlib.sha256(open('{local}', 'rb').read()).hexdigest()
            first = f.read(4096)
            {change}
            os.unlink('marker')
            while not os.path.exists('{rig.Work}/gone'): time.sleep(0.05)
            rest = b''.join(iter(lambda: f.read(1 << 20), b''))
            print(hashlib.sha256(first + rest).hexdigest() == whole)
            """);

        // What was removed after it is gone, and it is still there.
        await Poll.UntilAsync(() => KeysAsync(rig, ""), keys => !keys.Contains("marker"), "another deletion");
        Assert.Contains("film", await KeysAsync(rig, ""));
        await rig.ShAsync("touch gone");
        Assert.Equal("True", await reading);
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal(change.Contains("other", StringComparison.Ordinal) ? ["film"] : [], await KeysAsync(rig, ""));
    }

    private static async Task<string[]> KeysAsync(Rig rig, string prefix) =>
        (await rig.ChangeBucketAsync("list", prefix)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
