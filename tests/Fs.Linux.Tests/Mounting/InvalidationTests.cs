using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux.Tests.Mounting;

/// <summary>Changes from outside reach programs although the kernel caches for a minute or an hour.</summary>
public class InvalidationTests
{
    private static readonly FuseMountOptions LongMemory = new() { NegativeCache = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Content_is_old_until_it_is_announced()
    {
        await using var drive = Drive.Mount(LongMemory);
        drive.FileSystem.AddOutside("f", "old"u8.ToArray());
        Assert.Equal("old", await Shell.ShAsync(drive.Path, "cat f"));
        drive.FileSystem.ChangeOutside("f", "new"u8.ToArray(), announce: false);
        Assert.Equal("old", await Shell.ShAsync(drive.Path, "cat f"));
        drive.FileSystem.ChangeOutside("f", "longer"u8.ToArray(), announce: true);
        await Until(drive, "cat f", "longer");
    }

    [Fact]
    public async Task Names_appear_and_disappear()
    {
        await using var drive = Drive.Mount(LongMemory);
        const string look = "[ -e größe ] && echo there || echo absent";
        Assert.Equal("absent", await Shell.ShAsync(drive.Path, look));
        drive.FileSystem.AddOutside("größe", []);
        await Until(drive, look, "there");
        drive.FileSystem.RemoveOutside("größe");
        await Until(drive, look, "absent");
    }

    [Fact]
    public async Task Unknown_nodes_names_and_long_names_harm_nothing()
    {
        await using var drive = Drive.Mount(LongMemory);
        drive.FileSystem.Announce(new FsInvalidation(new NodeId(999_999), null));
        drive.FileSystem.Announce(new FsInvalidation(new NodeId(999_999), "x"));
        drive.FileSystem.Announce(new FsInvalidation(drive.FileSystem.Root, "never seen"));
        drive.FileSystem.Announce(new FsInvalidation(drive.FileSystem.Root, new string('é', 200)));
        Assert.Equal("absent", await Shell.ShAsync(drive.Path, "[ -e f ] || echo absent"));
        drive.FileSystem.AddOutside("f", []);
        await Until(drive, "[ -e f ] && echo there || echo absent", "there");
    }

    [Fact]
    public async Task Announcing_while_somebody_holds_the_directory_does_not_lock_up()
    {
        await using var drive = Drive.Mount();
        using var busy = Shell.Start("sh", "-c", $"cd {drive.Path}; while read -r line; do [ \"$line\" = go ] && for i in $(seq 300); do touch f$i; mv f$i g$i; ls > /dev/null; rm g$i; done; echo done; done");
        await busy.StandardInput.WriteLineAsync("go");
        for (var i = 0; i < 3000; i++) drive.FileSystem.Announce(new FsInvalidation(drive.FileSystem.Root, $"f{i % 300}"));
        Assert.Equal("done", await busy.StandardOutput.ReadLineAsync().WaitAsync(Shell.Patience));
        busy.StandardInput.Close();
    }

    [Fact]
    public async Task An_unmounted_drive_no_longer_listens()
    {
        var drive = Drive.Mount();
        Assert.True(drive.FileSystem.HasListener);
        await drive.DisposeAsync();
        Assert.False(drive.FileSystem.HasListener);
    }

    /// <summary>The kernel is told on another thread: asks until the answer is right.</summary>
    private static async Task Until(Drive drive, string script, string expected)
    {
        var tries = 0;
        string said;
        while ((said = await Shell.ShAsync(drive.Path, script)) != expected && ++tries < 200)
        {
        }

        Assert.Equal(expected, said);
    }
}
