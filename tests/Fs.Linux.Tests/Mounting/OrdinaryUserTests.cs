namespace SyncAgent.Fs.Linux.Tests.Mounting;

/// <summary>Mounting as an ordinary user through fusermount3, in a mount namespace of its own whose /dev/fuse is open to all.</summary>
public class OrdinaryUserTests
{
    private static readonly string Self = Environment.ProcessPath!;

    [Fact]
    public async Task An_ordinary_user_mounts_uses_and_unmounts()
    {
        var output = await InNamespace("", """
            mkfifo "$WORK/in"; chmod 666 "$WORK/in"
            asuser "$SELF" mount "$DIR" < "$WORK/in" > "$WORK/out" &
            exec 9> "$WORK/in"
            while ! grep -q mounted "$WORK/out"; do sleep 0.1; done
            asuser sh -c "cd $DIR; echo hello > f; cat f; stat -c %u f; grep $DIR /proc/mounts"
            asuser sh -c "exec 3> $DIR/held; fusermount3 -u $DIR 2>&1 | grep -o busy"
            exec 9>&-
            wait $!
            cat "$WORK/out"
            ! grep " $DIR fuse" /proc/mounts
            """);
        var lines = output.Split('\n');
        Assert.Equal(["hello", "65534", "busy", "mounted", "Unmounted"], [.. lines[..2], .. lines[3..]]);
        Assert.Contains("fuse.syncagent-test rw,nosuid,nodev", lines[2], StringComparison.Ordinal);
        Assert.Contains("user_id=65534,group_id=65534,default_permissions", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_process_left_is_replaced_by_the_user()
    {
        var output = await InNamespace("", """
            mkfifo "$WORK/in"; chmod 666 "$WORK/in"
            asuser "$SELF" mount "$DIR" < "$WORK/in" > "$WORK/first" &
            exec 9> "$WORK/in"
            while ! grep -q mounted "$WORK/first"; do sleep 0.1; done
            pkill -KILL -P $! || kill -KILL $!
            wait $! || true
            asuser "$SELF" mount "$DIR" < /dev/null
            ! grep " $DIR fuse" /proc/mounts
            """);
        Assert.Equal("mounted\nUnmounted", output);
    }

    [Fact]
    public async Task Letting_others_in_needs_the_administrator()
    {
        var output = await InNamespace("", "mount --bind /dev/null /etc/fuse.conf\nasuser \"$SELF\" mount \"$DIR\" allow-other < /dev/null || true");
        Assert.StartsWith("NotPermitted: ", output, StringComparison.Ordinal);
        Assert.Contains("Write 'user_allow_other' into /etc/fuse.conf", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_only_root_may_open_is_explained()
    {
        var output = await InNamespace("chmod 600 \"$WORK/dev/fuse\"", "asuser \"$SELF\" mount \"$DIR\" < /dev/null || true");
        Assert.StartsWith("NotPermitted: ", output, StringComparison.Ordinal);
        Assert.Contains("chmod 0666 /dev/fuse", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_helper_is_explained()
    {
        var output = await InNamespace("", "asuser env PATH=/nonexistent \"$SELF\" mount \"$DIR\" < /dev/null || true");
        Assert.StartsWith("HelperMissing: ", output, StringComparison.Ordinal);
        Assert.Contains("Install the package fuse3", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_device_is_explained_to_root()
    {
        var output = await InNamespace("", """
            mount -t tmpfs tmpfs /dev
            mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/urandom c 1 9
            "$SELF" mount "$DIR" < /dev/null || true
            """);
        Assert.StartsWith("DeviceMissing: ", output, StringComparison.Ordinal);
        Assert.Contains("modprobe fuse", output, StringComparison.Ordinal);
    }

    private static async Task<string> InNamespace(string prepare, string script)
    {
        Drive.SkipUnlessRoot();
        Assert.SkipUnless(
            (await Shell.RunAsync("sh", "-c", "command -v unshare && command -v setpriv && command -v fusermount3")).ExitCode == 0,
            "needs unshare, setpriv and fusermount3");
        using var work = new TemporaryDirectory();
        return await Shell.ShAsync("/", $$"""
            export WORK='{{work.Path}}' SELF='{{Self}}'
            exec unshare -m --propagation private sh -eu -c '
              export DIR="$WORK/mnt"
              mkdir "$WORK/dev" "$DIR"
              chmod 755 "$WORK"; chown 65534:65534 "$DIR"
              mount -t tmpfs -o mode=755 tmpfs "$WORK/dev"
              mknod -m 666 "$WORK/dev/fuse" c 10 229
              {{prepare}}
              mount --bind "$WORK/dev/fuse" /dev/fuse
              asuser() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
              {{script.ReplaceLineEndings("\n              ")}}
            '
            """);
    }
}
