namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>A small real ext4 on a loop device. One that can fail has qemu-storage-daemon below it, which refuses all writes with EIO when
/// told so, and no journal: ext4 never trusts one again that failed once.</summary>
internal sealed class LoopDisk : IAsyncDisposable
{
    private readonly Rig _rig;
    private readonly string _folder;
    private readonly string _work;

    private LoopDisk(Rig rig, string folder)
    {
        _rig = rig;
        _folder = folder;
        _work = Path.Combine(rig.Work, "disk");
    }

    private string Device => Path.Combine(_work, "device");

    /// <summary>Skips a test where there are no loop devices.</summary>
    public static void SkipUnlessPossible()
    {
        Places.SkipUnlessMountable();
        Assert.SkipUnless(File.Exists("/dev/loop-control"), "needs loop devices");
        Places.SkipUnlessInstalled("mkfs.ext4", "mount", "umount");
    }

    /// <summary>Makes the disk and mounts it.</summary>
    /// <param name="rig">Whose scratch folder it is in.</param>
    /// <param name="folder">Where it is mounted.</param>
    /// <param name="mebibytes">Its size.</param>
    /// <param name="canFail">Whether <see cref="SwitchFunction"/> is wanted.</param>
    public static async Task<LoopDisk> MountAsync(Rig rig, string folder, int mebibytes, bool canFail)
    {
        var disk = new LoopDisk(rig, folder);
        try
        {
            await rig.ShAsync($"""
                mkdir -p "{folder}" "{disk._work}"
                truncate -s {mebibytes}M "{disk._work}/image"
                mkfs.ext4 -q {(canFail ? "-O ^has_journal" : "")} "{disk._work}/image"
                """);
            if (canFail) await disk.StartDaemonAsync();
            await rig.ShAsync($"""mount -o loop "{(canFail ? disk.Device : disk._work + "/image")}" "{folder}"; rmdir "{folder}/lost+found" """);
            return disk;
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    /// <summary>A Python function <c>switch(node)</c>: after <c>switch('broken')</c> the disk takes no writes, and what the kernel has still to
    /// write is lost; after <c>switch('file')</c> it works again.</summary>
    public string SwitchFunction => $$"""
        import json, socket
        def switch(node):
            control = socket.socket(socket.AF_UNIX)
            control.connect('{{_work}}/control')
            lines = control.makefile('rw')
            lines.readline()
            def run(command, **arguments):
                lines.write(json.dumps({'execute': command, 'arguments': arguments}) + '\n')
                lines.flush()
                answer = json.loads(lines.readline())
                while 'event' in answer: answer = json.loads(lines.readline())
                assert 'return' in answer, answer
            run('qmp_capabilities')
            run('blockdev-reopen', options=[{'driver': 'raw', 'node-name': 'top', 'file': node}])
        """;

    /// <summary>The disk works again.</summary>
    public async Task MendAsync() => (await Command.RunAsync("python3", ["-c", SwitchFunction + "\nswitch('file')"], _rig.Environment)).Expect(0);

    /// <summary>Another program fills it to the last byte.</summary>
    public Task FillAsync() => _rig.ShAsync($"""dd if=/dev/zero of="{_folder}/filler" bs=64k status=none 2>/dev/null || true; sync "{_folder}" """);

    /// <summary>And takes that away again.</summary>
    public void TakeFillingAway() => File.Delete(Path.Combine(_folder, "filler"));

    public async ValueTask DisposeAsync()
    {
        // What killed programs had open is closed a moment after they are gone.
        foreach (var place in (string[])[_folder, Device])
            if (Rig.IsMountPoint(place)) await Poll.UntilAsync(() => Command.RunAsync("umount", [place], _rig.Environment), ended => ended.ExitCode == 0, $"unmounting {place}");
    }

    private async Task StartDaemonAsync()
    {
        const string Failing = """
            {"driver":"blkdebug","node-name":"broken","image":"file","inject-error":[
            {"event":"write_aio","iotype":"write","errno":5,"once":false,"immediately":true},
            {"event":"pwritev","iotype":"write","errno":5,"once":false,"immediately":true}]}
            """;
        File.Create(Device).Dispose();
        (await Command.RunAsync(
            "qemu-storage-daemon",
            [
                "--blockdev", $"driver=file,filename={_work}/image,node-name=file",
                "--blockdev", Failing,
                "--blockdev", "driver=raw,node-name=top,file=file",
                "--chardev", $"socket,id=control,path={_work}/control,server=on,wait=off", "--monitor", "chardev=control",
                "--export", $"type=fuse,id=export,node-name=top,mountpoint={Device},writable=on", "--daemonize",
            ],
            _rig.Environment)).Expect(0);
    }
}
