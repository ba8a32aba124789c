using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>An ordinary user with fusermount3, in a mount namespace of its own whose /dev/fuse is open to all.</summary>
public class OrdinaryUserTests
{
    [Fact]
    public async Task An_ordinary_user_mounts_saves_waits_and_unmounts()
    {
        Places.SkipUnlessMountable();
        Places.SkipUnlessInstalled("unshare", "setpriv", "fusermount3");
        await using var rig = await Rig.StartAsync();
        var program = await Command.RunAsync("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", Places.Program, "--version"], rig.Environment);
        Assert.SkipUnless(program.ExitCode == 0, $"an ordinary user cannot run {Places.Program}: {program.Errors}");

        var mount = string.Join(' ', rig.MountLine().Select(word => $"'{word}'"));
        var output = await rig.ShAsync($$"""
            exec unshare -m --propagation private sh -euc '
              mkdir dev user "$DRIVE" "$STATE"
              chmod 755 .; chown 65534:65534 user "$DRIVE" "$STATE"; chmod 700 "$STATE"
              mount -t tmpfs -o mode=755 tmpfs dev; mknod -m 666 dev/fuse c 10 229; mount --bind dev/fuse /dev/fuse
              exec setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$WORK/user" XDG_RUNTIME_DIR="$WORK/user" sh -euc "$SCRIPT"
            '
            """.Insert(0, $$"""
            export STATE='{{rig.State}}' SCRIPT="
              \"\$SYNCAGENT\" {{mount}} > user/mounted
              echo saved > \"\$DRIVE\"/file; mkdir \"\$DRIVE\"/folder; echo two > \"\$DRIVE\"/folder/two
              \"\$SYNCAGENT\" wait \"\$DRIVE\"
              grep \"\$DRIVE fuse\" /proc/mounts
              cp -r \"\$DRIVE\" user/copy
              \"\$SYNCAGENT\" unmount \"\$DRIVE\"
              ! grep \"\$DRIVE fuse\" /proc/mounts
            "

            """));
        Assert.Contains("user_id=65534,group_id=65534", output, StringComparison.Ordinal);
        Assert.EndsWith("is unmounted: nothing pending", output, StringComparison.Ordinal);
        (await rig.CompareAsync(Path.Combine(rig.Work, "user", "copy"))).ExpectClean();
    }
}
