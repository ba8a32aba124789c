using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>A tree that is moved before anything of it has arrived.</summary>
public sealed class PendingRenameTests
{
    [Fact]
    public async Task A_folder_renamed_while_its_files_wait_keeps_them_all_and_all_arrive_under_the_new_name()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/new/large.bin", 18 << 20, seed: 90);
        await rig.Store.LimitAsync(2 << 20);
        await rig.ShAsync("""
            mkdir -p source/new/sub "$DRIVE"/old/sub
            for i in $(seq 40); do head -c $((i * 997)) /dev/urandom > source/new/sub/$i; done
            cp source/new/large.bin "$DRIVE"/old/; cp source/new/sub/* "$DRIVE"/old/sub/
            """);
        await rig.Store.PartsArrivedAsync(1 << 20);
        await rig.ShAsync("""
            mv "$DRIVE"/old "$DRIVE"/new; ! test -e "$DRIVE"/old
            diff -r source "$DRIVE"
            mv "$DRIVE"/new/sub "$DRIVE"/above; mv "$DRIVE"/above "$DRIVE"/new/sub
            """);
        await rig.Store.ClearFaultsAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.Equal("", await rig.ShAsync("""diff -r source "$DRIVE" """));
    }
}
