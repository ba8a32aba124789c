using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>docs/recovery.md as its reader would use it: the script that stands there gets everything out of a state folder whose agent is gone for good.</summary>
public sealed class RecoverByHandTests
{
    [Fact]
    public async Task The_documented_script_gets_out_everything_that_the_bucket_lacks()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.Store.AddFaultAsync(new { Kind = "Error", Status = 503, Code = "ServiceUnavailable", Times = 100_000 });
        rig.MakeFile("source/Ordner/größe 文.bin", 5 << 20, seed: 71);
        rig.MakeFile("source/cut.bin", 2 << 20, seed: 72);
        // Overlays over what is pending itself: in the middle, longer and shorter than before. Beside them whole files, one of them empty.
        await rig.ShAsync("""
            cp -r source/* "$DRIVE"/
            for at in source "$DRIVE"; do
                printf changed | dd of="$at/Ordner/größe 文.bin" bs=1 seek=1000000 conv=notrunc status=none
                printf end >> "$at/Ordner/größe 文.bin"
                truncate -s 1000000 $at/cut.bin
                truncate -s 1200000 $at/cut.bin
                printf tail >> $at/cut.bin
                printf small > $at/small
                : > $at/empty
            done
            mv "$DRIVE"/small "$DRIVE"/Ordner/renamed; mv source/small source/Ordner/renamed
            sync -f "$DRIVE"
            """);
        await using (await rig.HoldAsync("fd = os.open('half', os.O_CREAT | os.O_WRONLY)\nos.write(fd, b'not closed')"))
        {
            await rig.KillAgentAsync();
        }

        await File.WriteAllTextAsync(Path.Combine(rig.Work, "recover.py"), Script(), TestContext.Current.CancellationToken);
        var before = await rig.ShAsync("find state -type f ! -name '*-shm' -exec sha256sum {} + | sort");
        await rig.ShAsync("python3 recover.py state recovered");
        Assert.Equal(before, await rig.ShAsync("find state -type f ! -name '*-shm' -exec sha256sum {} + | sort"));
        await rig.ShAsync("printf 'not closed' > source/half.interrupted");
        Assert.Equal("", await rig.ShAsync("""diff -r source "recovered$DRIVE" """));
    }

    private static string Script()
    {
        var page = File.ReadAllText(Path.Combine(Places.Repository, "docs/recovery.md"));
        return page.Split("```python\n")[1].Split("```")[0];
    }
}
