using System.Globalization;

namespace SyncAgent.Torture.Rigs;

/// <summary>A small ext4 disk of its own for a state folder, in memory: it can be filled, and wiped, without touching anything else.</summary>
internal sealed class StateDisk : IAsyncDisposable
{
    private readonly string _image;

    private StateDisk(string image, string folder)
    {
        _image = image;
        Folder = folder;
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Makes and mounts one.</summary>
    public static async Task<StateDisk> CreateAsync(string folder, long bytes)
    {
        var image = Path.Combine("/dev/shm", $"syncagent-torture-{Environment.ProcessId}-{Path.GetFileName(Path.GetDirectoryName(folder))}.img");
        Directory.CreateDirectory(folder);
        await using (var file = File.Create(image)) file.SetLength(bytes);
        var disk = new StateDisk(image, folder);
        await Tool.RunAsync("mkfs.ext4", ["-q", "-F", "-m", "0", image]);
        await Tool.RunAsync("mount", ["-o", "loop", image, folder]);
        return disk;
    }

    /// <summary>Takes all space but so many bytes.</summary>
    public void Fill(long leave)
    {
        var take = new DriveInfo(Folder).AvailableFreeSpace - leave;
        if (take <= 0) return;
        using var handle = File.OpenHandle(Filler, FileMode.Create, FileAccess.Write, preallocationSize: take);
    }

    /// <summary>Gives it back.</summary>
    public void Empty() => File.Delete(Filler);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Tool.RunAsync("umount", ["-l", Folder]);
        File.Delete(_image);
    }

    /// <summary>How much is free, for messages.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Folder}: {new DriveInfo(Folder).AvailableFreeSpace} bytes free");

    private string Filler => Path.Combine(Folder, "filler");
}
