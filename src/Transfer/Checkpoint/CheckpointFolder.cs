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
    /// <param name="path">The folder; a relative one is below the current folder.</param>
    /// <exception cref="ArgumentException">The path is empty or holds a NUL.</exception>
    /// <exception cref="IOException">It cannot be made: it is a file, or the disk is full or read-only.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make it there.</exception>
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

    /// <summary>Aborts an upload and then forgets it, while nobody else can go on with it. When the abort fails, its id stays known.</summary>
    /// <param name="upload">One of <see cref="List"/>.</param>
    /// <param name="abort">Has the store abort it; an upload that is gone already is success.</param>
    /// <exception cref="StoreException">It is being gone on with right now; nothing was done.</exception>
    public async Task ForgetAsync(UploadRecord upload, Func<Task> abort)
    {
        ArgumentNullException.ThrowIfNull(upload);
        ArgumentNullException.ThrowIfNull(abort);
        using var file = Open(upload.Location, upload.Key, upload.Path);
        await abort();
        // Since it was listed, a later call may have begun another one.
        if (file.Upload?.UploadId == upload.UploadId) file.End();
    }

    /// <summary>Forgets that an upload of unknown id may be open: a complete listing, begun after <see cref="List"/>, had none of its key.</summary>
    /// <param name="upload">One of <see cref="List"/> without an id.</param>
    /// <returns>False when this file is being sent, or was meanwhile: the listing says nothing of that.</returns>
    public bool TryForgetDoubt(UploadRecord upload)
    {
        ArgumentNullException.ThrowIfNull(upload);
        if (upload.UploadId is not null) throw new ArgumentException("The id of this upload is known: abort it.", nameof(upload));
        try
        {
            using var file = Open(upload.Location, upload.Key, upload.Path);
            if (file.Upload != upload) return false;
            file.Remove();
            return true;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Refused)
        {
            return false;
        }
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
