using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>A real agent whose journal is lost or damaged while files of every kind are pending: nothing that was closed is lost, the bucket is
/// right at the end, and every file is in the bucket, in the drive or in lost+found.</summary>
public class RebuildTests
{
    private const int Large = 20 << 20;

    [Theory]
    [InlineData("rm state/journal.db*")]
    [InlineData("for f in state/journal.db*; do head -c $(stat -c %s $f) /dev/zero > $f; done")]
    public async Task A_lost_journal_costs_no_closed_file(string harm)
    {
        await using var rig = await FilledAsync();
        await rig.ShAsync(harm);

        await rig.MountAsync();
        Assert.Contains("made anew", (await rig.AgentAsync("status", "--state", rig.State)).Expect(0).Output, StringComparison.Ordinal);
        (await rig.WaitAsync()).Expect(1); // one is interrupted
        var (path, state, _) = await rig.OnlyProblemAsync();
        Assert.Equal(("half", "Interrupted"), (path, state));
        var listed = (await rig.AgentAsync("interrupted", "list", "--state", rig.State)).Expect(0).Output;
        Assert.Equal($"interrupted  {rig.Drive}/half\n", listed);
        (await rig.AgentAsync("interrupted", "accept", Path.Combine(rig.Drive, "half"))).Expect(0);
        (await rig.WaitAsync()).Expect(0);

        // Both versions of what somebody else changed meanwhile; everything else as it was closed here.
        var conflict = await rig.ShAsync("""cd "$DRIVE"; ls | grep '^both' | grep -v '^both$'""");
        await rig.ShAsync($"""mv source/mine "source/{conflict}"; printf theirs > source/both; printf half > source/half""");
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"), implicitFolders: true)).ExpectSame();
        Assert.Equal("", await rig.ShAsync("""diff -r source "$DRIVE" """));
        Assert.False(Directory.Exists(Path.Combine(rig.State, "lost+found")));
        await rig.ShAsync("""echo writable > "$DRIVE"/again""");
    }

    [Fact]
    public async Task A_journal_that_is_cut_under_a_stopped_agent_is_made_anew_and_what_was_synced_is_not_sent_again()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/file.bin", 300_000, seed: 60);
        await rig.ShAsync("""cp -r source/* "$DRIVE"/""");
        (await rig.WaitAsync()).Expect(0);
        await EndAsync(rig);
        await rig.ShAsync("truncate -s 12345 state/journal.db");
        var before = (await rig.Store.QuietLogAsync()).Count;

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal("", await rig.ShAsync("""diff -r source "$DRIVE"; ls state | grep -c 'journal.db.damaged-' > /dev/null"""));
        Assert.DoesNotContain((await rig.Store.QuietLogAsync()).Skip(before), request => request.BytesIn > 0);
    }

    // "unmount" answers when the drive is gone; the journal is closed a moment later.
    private static async Task EndAsync(Rig rig)
    {
        var pid = rig.AgentPid()!.Value;
        (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
        await Poll.UntilAsync(() => !Rig.IsAlive(pid), "the end of the agent");
    }

    /// <summary>Pending: a small file, a large one half sent, a change over a local and one over a remote base, a file in a renamed folder, one
    /// that somebody else changes too, and one that is open. The agent is killed.</summary>
    private static async Task<Rig> FilledAsync()
    {
        var rig = await Rig.MountedAsync();
        rig.MakeFile("source/local", 2 << 20, seed: 61);
        rig.MakeFile("source/remote", 2 << 20, seed: 62);
        rig.MakeFile("source/large", Large, seed: 63);
        await rig.ShAsync("""cp source/local source/remote "$DRIVE"/; printf first > "$DRIVE"/both""");
        (await rig.WaitAsync()).Expect(0);
        await EndAsync(rig);
        await rig.ShAsync("rm -r state"); // so that "remote" and "both" are only in the bucket
        await rig.MountAsync();
        await rig.ListAsync();
        await rig.ShAsync("""cp source/local "$DRIVE"/local""");
        (await rig.WaitAsync()).Expect(0);
        await rig.Store.LimitAsync(6 << 20);
        await rig.ShAsync("""cp source/large "$DRIVE"/large""");
        await rig.Store.PartsArrivedAsync(3 << 20);
        await rig.Store.KillAsync();
        await rig.ShAsync("""
            mkdir -p source/new; printf small > source/new/small; printf mine > source/mine
            mkdir "$DRIVE"/old; printf small > "$DRIVE"/old/small; mv "$DRIVE"/old "$DRIVE"/new
            for f in local remote; do
              printf changed | dd of="$DRIVE"/$f bs=1 seek=1000000 conv=notrunc status=none
              printf changed | dd of=source/$f bs=1 seek=1000000 conv=notrunc status=none
            done
            printf mine > "$DRIVE"/both
            """);
        await using (await rig.HoldAsync("fd = os.open('half', os.O_CREAT | os.O_WRONLY)\nos.write(fd, b'half')"))
        {
            await rig.KillAgentAsync();
        }

        await rig.Store.StartAsync();
        await rig.ShAsync("printf theirs > theirs");
        await rig.ChangeBucketAsync("put", "both", Path.Combine(rig.Work, "theirs"));
        return rig;
    }
}
