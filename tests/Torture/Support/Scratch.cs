namespace SyncAgent.Torture.Support;

/// <summary>A folder that is removed in the end, unless somebody wants to look into it.</summary>
internal sealed class Scratch : IDisposable
{
    private bool _kept;

    /// <summary>Makes it: the given one, which must be empty, or a new one.</summary>
    public Scratch(string? given)
    {
        Path = given is null ? Directory.CreateTempSubdirectory("syncagent-torture-").FullName : Directory.CreateDirectory(given).FullName;
        if (Directory.EnumerateFileSystemEntries(Path).Any()) throw new IOException($"{Path} is not empty.");
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Leaves it for somebody to look at.</summary>
    public void Keep()
    {
        _kept = true;
        Console.WriteLine($"kept for a look: {Path}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_kept) Directory.Delete(Path, recursive: true);
    }
}
