using System.Text.Json;
using System.Text.Json.Serialization;
using SyncAgent.Agent.Cli;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Hosting;

/// <summary>Says which state folder a live mount belongs to: one small file (0600) per mount in a runtime folder (0700), named by
/// the hash of the mount point. A mount's own options could carry no path safely.</summary>
internal sealed class MountRegistry(string folder)
{
    /// <summary>Notes a mount.</summary>
    public void Add(string mountPoint, string stateFolder)
    {
        OwnFolder.Create(folder);
        var entry = new MountEntry(mountPoint, stateFolder, Environment.ProcessId);
        AtomicFile.Write(FileOf(mountPoint), JsonSerializer.Serialize(entry, MountEntryJson.Default.MountEntry));
    }

    /// <summary>Forgets a mount; one that is not there is fine.</summary>
    public void Remove(string mountPoint) => File.Delete(FileOf(mountPoint));

    /// <summary>The entry of a mount point, or null when there is none or it cannot be read.</summary>
    public MountEntry? Find(string mountPoint) => Read(FileOf(mountPoint)) is { } entry && entry.MountPoint == mountPoint ? entry : null;

    /// <summary>All entries that can be read, also of agents that died.</summary>
    /// <exception cref="CommandException">The registry is somebody else's: its entries are not to be believed.</exception>
    public IReadOnlyList<MountEntry> All() => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.json").Select(Read).OfType<MountEntry>()]
        : [];

    /// <summary>The entry of the innermost registered mount that a path is in, or null.</summary>
    public MountEntry? FindAbove(string path)
    {
        for (var folderName = path; folderName is not null; folderName = Path.GetDirectoryName(folderName))
        {
            if (Find(folderName) is { } entry) return entry;
        }

        return null;
    }

    private MountEntry? Read(string file)
    {
        OwnFolder.Check(folder);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), MountEntryJson.Default.MountEntry);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private string FileOf(string mountPoint) => Path.Combine(folder, StateFolder.HashOf(mountPoint) + ".json");
}

/// <summary>A live mount.</summary>
/// <param name="MountPoint">Absolute path.</param>
/// <param name="State">State folder of its agent, absolute.</param>
/// <param name="Pid">Process that mounted it.</param>
internal sealed record MountEntry(string MountPoint, string State, int Pid);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MountEntry))]
internal sealed partial class MountEntryJson : JsonSerializerContext;
