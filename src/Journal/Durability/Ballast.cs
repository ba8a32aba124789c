namespace SyncAgent.Journal;

/// <summary>
/// Space that is taken beforehand and given to the journal when others have filled the disk beyond every reserve: so that what was
/// acknowledged can still be committed, and uploads, whose confirmations are commits, go on and free more.
/// </summary>
internal sealed class Ballast
{
    private const long Most = 16L << 20;
    private const int PartOfDisk = 32;

    /// <summary>It is laid in again only when that leaves so many times as much free.</summary>
    private const int Ease = 4;

    private readonly string _path;
    private readonly DriveInfo _disk;
    private volatile bool _isThere;

    public Ballast(string folder)
    {
        _path = Path.Combine(folder, "ballast");
        _disk = new DriveInfo(folder);
        _isThere = File.Exists(_path);
    }

    /// <summary>Takes the space when there is plenty.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void LayIn()
    {
        if (_isThere) return;
        var size = Math.Min(Most, _disk.TotalSize / PartOfDisk);
        if (_disk.AvailableFreeSpace < size * Ease) return;
        using (var file = StagingFile.Create(_path))
        {
            _isThere = true;
            if (OperatingSystem.IsLinux()) SparseFile.Allocate(file, 0, size, keepSize: false);
            else RandomAccess.SetLength(file, size);
        }
    }

    /// <summary>Gives the space back. False when it was given before.</summary>
    public bool TryRelease()
    {
        if (!_isThere) return false;
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // a disk that fails, not one that is full: the journal's own error tells
        }

        _isThere = false;
        return true;
    }
}
