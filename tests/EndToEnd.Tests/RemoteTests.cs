using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>A bucket that had a life before the drive.</summary>
public class RemoteTests
{
    [Fact]
    public async Task Objects_of_another_client_are_listed_and_read_in_ranges()
    {
        await using var rig = await Rig.StartAsync();
        rig.MakeFile("source/folder/large.bin", 12 << 20, seed: 30);
        rig.MakeFile("source/folder/deeper/small.bin", 1234, seed: 31);
        rig.MakeFile("source/top ünï & co.txt", 99, seed: 32);
        foreach (var name in (string[])["folder/large.bin", "folder/deeper/small.bin", "top ünï & co.txt"])
            await rig.ChangeBucketAsync("put", name, Path.Combine(rig.Work, "source", name));
        await rig.MountAsync();
        await rig.ListAsync();

        Assert.Equal("folder\ntop ünï & co.txt", await rig.ShAsync("""ls "$DRIVE" """));
        await rig.PythonAsync($"""
            source = open('{rig.Work}/source/folder/large.bin', 'rb').read()
            fd = os.open('folder/large.bin', os.O_RDONLY)
            for start, length in (0, 10), (5_000_001, 4097), (11 << 20, 1 << 20), (len(source) - 3, 100), (len(source), 10):
                assert os.pread(fd, length, start) == source[start:start + length], (start, length)
            """);
        var read = (await rig.Store.LogAsync()).Where(request => request.Operation == "GetObject").Sum(request => request.BytesOut);
        Assert.True(read < 12 << 20, $"{read} bytes were fetched for five short ranges");

        Assert.Equal("", await rig.ShAsync("""diff -r source "$DRIVE" """));
        await rig.ShAsync("""
            printf 'middle' | dd of="$DRIVE"/folder/large.bin bs=1 seek=6000000 conv=notrunc status=none
            printf 'middle' | dd of=source/folder/large.bin bs=1 seek=6000000 conv=notrunc status=none
            cmp source/folder/large.bin "$DRIVE"/folder/large.bin
            """);
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"), implicitFolders: true)).ExpectClean();
    }

    [Fact]
    public async Task Local_changes_show_before_they_are_sent()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""mkdir "$DRIVE"/d; echo one > "$DRIVE"/d/a; echo two > "$DRIVE"/d/b""");
        (await rig.WaitAsync()).Expect(0);
        await rig.Store.AddFaultAsync(new { Kind = "Error", Operation = "PutObject", Times = (int?)null });
        await rig.Store.AddFaultAsync(new { Kind = "Error", Operation = "DeleteObject", Times = (int?)null });
        Assert.Equal("changed new", await rig.ShAsync("""
            cd "$DRIVE"/d
            echo changed > a; rm b; echo new > c
            test "$(ls)" = "$(printf 'a\nc')"; ! test -e b
            echo "$(cat a) $(cat c)"
            """));
        await rig.Store.ClearFaultsAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(rig.Drive)).ExpectClean();
    }

    [Fact]
    public async Task A_synced_folder_renamed_is_copied_by_the_server_and_one_removed_is_removed()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""
            mkdir -p "$DRIVE"/old/sub "$DRIVE"/away
            for i in 1 2 3; do head -c 50000 /dev/urandom > "$DRIVE"/old/$i; head -c 50000 /dev/urandom > "$DRIVE"/old/sub/$i; echo $i > "$DRIVE"/away/$i; done
            cp -r "$DRIVE"/old expected
            """);
        (await rig.WaitAsync()).Expect(0);
        var sent = (await rig.Store.QuietLogAsync()).Count;

        await rig.ShAsync("""mv "$DRIVE"/old "$DRIVE"/new; rm -r "$DRIVE"/away""");
        (await rig.WaitAsync()).Expect(0);

        await rig.ShAsync("mkdir tree; mv expected tree/new");
        (await rig.CompareAsync(Path.Combine(rig.Work, "tree"))).ExpectClean();
        var after = (await rig.Store.LogAsync()).Skip(sent).ToList();
        Assert.Equal(6, after.Count(request => request is { Operation: "CopyObject", Succeeded: true }));
        Assert.Equal(0, after.Where(request => request.Operation == "PutObject").Sum(request => request.BytesIn));
    }
}
