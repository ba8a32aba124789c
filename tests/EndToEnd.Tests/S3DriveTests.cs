using System.Text;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>A drive on a real S3 store; what arrives there is read with the vendor's clients.</summary>
public sealed class S3DriveTests(SwiftStore store) : IClassFixture<SwiftStore>
{
    private const int Mebibyte = 1 << 20;

    /// <summary>Five parts: S3's smallest are 5 MiB.</summary>
    private const long Large = (20 * Mebibyte) + 321;

    private const int LargeParts = 5;

    [Fact]
    public async Task On_S3_a_copied_tree_arrives_byte_for_byte()
    {
        await using var drive = await S3Drive.MountedAsync(store, "tree");
        var rig = drive.Rig;
        rig.MakeFile("source/large.bin", Large, seed: 40);
        await rig.ShAsync("""
            cd source; mkdir -p 'sub folder/deeper' empty; : > nothing; ln -s 'sub folder/deeper' link; ln -s /nowhere dangling
            i=0
            for name in 'plus+and&amp' 'per%cent%20' 'question?mark' 'hash#tag' 日本語 "quote's \"double\"" 'semi;colon,=' 'back\slash' 'trailing.' 'brace{}[]|^`<>*' "$(printf 'e\314\201 nfd')"; do
                i=$((i + 1)); head -c $((i * 999)) /dev/urandom > "sub folder/deeper/$name"
            done
            cp -a . "$DRIVE"/
            """);
        var synced = (await rig.WaitAsync()).Expect(0).Elapsed;
        TestContext.Current.TestOutputHelper!.WriteLine($"in the bucket {synced.TotalSeconds:F1} s after they were copied");

        await drive.ExpectAsync(Path.Combine(rig.Work, "source"));
        await rig.ShAsync("""diff -r --no-dereference source "$DRIVE" """);
        await ReadWithAmazonsCommandAsync(drive);
    }

    [Fact]
    public async Task On_S3_a_killed_upload_goes_on_under_its_own_id()
    {
        await using var drive = await S3Drive.MountedAsync(store, "killed", "--limit-upload", "4MiB", "--parallel-parts", "1");
        var rig = drive.Rig;
        rig.MakeFile("source/large.bin", Large, seed: 41);
        await rig.ShAsync("""cp source/large.bin "$DRIVE"/""");
        var id = Assert.Single(await Poll.UntilAsync(drive.OpenUploadsAsync, ids => ids.Count > 0, "an upload"));
        await Poll.UntilAsync(() => drive.PartsAsync("large.bin", id), parts => parts.Count >= 2, "two parts");
        await rig.KillAgentAsync();
        var kept = await drive.PartsAsync("large.bin", id);
        Assert.InRange(kept.Count, 2, LargeParts - 1);

        await drive.MountAsync();
        var ids = new HashSet<string>();
        var last = kept;
        await Poll.UntilAsync(
            async () =>
            {
                if (await drive.PartsAsync("large.bin", id) is { Count: > 0 } parts) last = parts;
                var open = await drive.OpenUploadsAsync();
                ids.UnionWith(open);
                return open;
            },
            open => open.Count == 0, "the end of the upload");
        (await rig.WaitAsync()).Expect(0);

        Assert.Subset(new HashSet<string> { id }, ids); // nothing was begun anew
        // What was there was not sent again, but for a part whose answer the kill may have overtaken.
        Assert.InRange(kept.Intersect(last).Count(), kept.Count - 1, kept.Count);
        await drive.ExpectAsync(Path.Combine(rig.Work, "source"));
    }

    [Fact]
    public async Task On_S3_renames_overwrites_and_deletes_arrive()
    {
        await using var drive = await S3Drive.MountedAsync(store, "changes");
        var rig = drive.Rig;
        await rig.ShAsync("""
            mkdir -p source/folder/sub; cd source
            for i in 1 2 3; do head -c 40000 /dev/urandom > folder/$i; head -c 40000 /dev/urandom > folder/sub/$i; done
            echo file > file; echo old > overwritten; echo gone > gone
            cp -a . "$DRIVE"/
            """);
        (await rig.WaitAsync()).Expect(0);
        await rig.ShAsync("""
            for here in source "$DRIVE"; do (
                cd "$here"; mv file 'renamed file'; mv folder other; mv other/2 other/two
                echo new and longer > overwritten; echo more >> other/3; rm gone other/sub/1
            ); done
            """);
        (await rig.WaitAsync()).Expect(0);
        await drive.ExpectAsync(Path.Combine(rig.Work, "source"));
    }

    [Fact]
    public async Task On_S3_what_another_client_wrote_meanwhile_keeps_its_name_and_ours_is_kept_beside_it()
    {
        await using var drive = await S3Drive.MountedAsync(store, "conflict");
        var rig = drive.Rig;
        await rig.ShAsync("""echo first > "$DRIVE"/changed.txt""");
        (await rig.WaitAsync()).Expect(0);
        await drive.PutAsync("changed.txt", "theirs");
        await drive.PutAsync("made.txt", "theirs too");
        await rig.ShAsync("""echo ours > "$DRIVE"/changed.txt; echo ours too > "$DRIVE"/made.txt""");
        (await rig.WaitAsync()).Expect(0);

        var found = await drive.ObjectsAsync();
        found.Remove("");
        Assert.Collection(
            found.Select(pair => (pair.Key, Encoding.UTF8.GetString(pair.Value))),
            copy => Expect(copy, @"^changed \(conflict .+\)\.txt$", "ours\n"),
            theirs => Expect(theirs, @"^changed\.txt$", "theirs"),
            copy => Expect(copy, @"^made \(conflict .+\)\.txt$", "ours too\n"),
            theirs => Expect(theirs, @"^made\.txt$", "theirs too"));
        await rig.ListAsync();
        Assert.Equal("ours\ntheirsours too\ntheirs too", await rig.ShAsync("""cat "$DRIVE"/changed*conflict* "$DRIVE"/changed.txt "$DRIVE"/made*conflict* "$DRIVE"/made.txt"""));
        Assert.Empty(await drive.OpenUploadsAsync());
    }

    private static void Expect((string Key, string Text) found, string pattern, string text)
    {
        Assert.Matches(pattern, found.Key);
        Assert.Equal(text, found.Text);
    }

    /// <summary>A third opinion, where Amazon's command is installed. It has no links and no empty folders.</summary>
    private async Task ReadWithAmazonsCommandAsync(S3Drive drive)
    {
        if (!Places.IsInstalled("aws")) return;
        await drive.Rig.ShAsync($"""
            env -u AWS_CA_BUNDLE aws --endpoint-url {store.Url} s3 cp --recursive --only-show-errors s3://{SwiftStore.Bucket}/{drive.Prefix} back
            cp -a source expected; cd expected; find . -type d -empty -delete
            for link in link dangling; do target=$(readlink $link); rm $link; printf %s "$target" > $link; done
            diff -r . ../back
            """);
    }
}
