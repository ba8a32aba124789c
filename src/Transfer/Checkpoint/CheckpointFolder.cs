using System.Security.Cryptography;
using System.Text;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// A folder of checkpoints of uploads of files outside any drive. Each has two files named after where the upload goes and which file
/// it is of: <c>*.upload</c> with the upload alone, and <c>*.parts</c> with the same and a line for each finished part. Either is
/// enough to know the upload id, so that damage to one of them leaves nothing behind in the bucket.
/// </summary>
public sealed class CheckpointFolder
{
    internal const string UploadSuffix = ".upload";
    internal const string PartsSuffix = ".parts";

    private readonly string _path;

    /// <summary>Opens a folder, making it (0700) when it is missing.</summary>
    public CheckpointFolder(string path)
    {
        _path = Path.GetFullPath(path);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(_path);
        else Directory.CreateDirectory(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>All uploads that have a readable checkpoint here. Those of a newer version of this program are left out.</summary>
    public IReadOnlyList<UploadRecord> List() =>
    [
        .. Directory.EnumerateFiles(_path)
            .Where(file => Path.GetExtension(file) is UploadSuffix or PartsSuffix)
            .Select(file => Path.ChangeExtension(file, null))
            .Distinct()
            .Select(TryReadUpload)
            .OfType<UploadRecord>(),
    ];

    /// <summary>Forgets an upload: it was aborted, or is gone from the bucket.</summary>
    /// <exception cref="StoreException">It is being gone on with right now.</exception>
    public void Forget(UploadRecord upload)
    {
        ArgumentNullException.ThrowIfNull(upload);
        using var file = Open(upload.Location, upload.Key, upload.Path);
        file.Remove();
    }

    /// <summary>The checkpoint of one file to one key, locked against other processes.</summary>
    /// <exception cref="StoreException">Another process is sending this file there.</exception>
    internal CheckpointFile Open(string location, string key, string file)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{location}\n{key}\n{file}"));
        return CheckpointFile.Open(Path.Combine(_path, Convert.ToHexStringLower(digest.AsSpan(0, 16))), key);
    }

    private static UploadRecord? TryReadUpload(string stem)
    {
        try
        {
            return CheckpointFile.ReadUpload(stem);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotSupported)
        {
            return null; // its own version lists it
        }
    }
}
