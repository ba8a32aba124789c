using System.Text;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// The checkpoint of one upload on disk. A file is replaced atomically; a part is
/// one line at the end, flushed before the part counts. So it survives a power cut, and what is torn is a part that is sent again.
/// </summary>
internal sealed class CheckpointFile : IUploadLog, IDisposable
{
    /// <summary>What a lock of somebody else gives: ERROR_SHARING_VIOLATION of Windows, EWOULDBLOCK of Linux.</summary>
    private const int SharingViolation = 32;
    private const int WouldBlock = 11;

    private readonly Lock _lock = new();
    private readonly string _stem;
    private readonly FileStream _turn;
    private readonly Dictionary<int, PartRow> _parts;
    private SafeFileHandle? _log;

    private CheckpointFile(string stem, FileStream turn)
    {
        _stem = stem;
        _turn = turn;
        var first = CheckpointFormat.ReadRecord(Read(stem + CheckpointFolder.UploadSuffix));
        var text = Read(stem + CheckpointFolder.PartsSuffix);
        var second = CheckpointFormat.ReadRecord(text);
        Upload = first ?? second;
        // Parts count only with the upload that they were sent to.
        _parts = Upload?.UploadId is { } id && (second is null || second.UploadId == id)
            ? CheckpointFormat.ReadParts(text).ToDictionary(part => part.Number)
            : [];
        // Two again, so that the next damage finds one whole.
        if (Upload is { UploadId: not null } && (first is null || second?.UploadId != Upload.UploadId)) WriteBoth(Upload);
    }

    /// <inheritdoc/>
    public UploadRecord? Upload { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<PartRow> Parts
    {
        get
        {
            lock (_lock) return [.. _parts.Values];
        }
    }

    /// <summary>Opens the checkpoint whose files begin with a path.</summary>
    /// <exception cref="StoreException">Another process has it open.</exception>
    public static CheckpointFile Open(string stem, string key)
    {
        var turn = Take(stem + ".lock", key);
        try
        {
            return new CheckpointFile(stem, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>The upload of a checkpoint, from whichever of its files is whole.</summary>
    public static UploadRecord? ReadUpload(string stem) =>
        CheckpointFormat.ReadRecord(Read(stem + CheckpointFolder.UploadSuffix)) ?? CheckpointFormat.ReadRecord(Read(stem + CheckpointFolder.PartsSuffix));

    /// <inheritdoc/>
    public void Begin(UploadRecord upload)
    {
        lock (_lock)
        {
            _log?.Dispose();
            _log = null;
            _parts.Clear();
            WriteBoth(upload);
            Upload = upload;
        }
    }

    /// <inheritdoc/>
    public void Record(PartRow part)
    {
        var line = CheckpointFormat.Write(part);
        lock (_lock)
        {
            _log ??= File.OpenHandle(_stem + CheckpointFolder.PartsSuffix, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            var end = RandomAccess.GetLength(_log);
            RandomAccess.Write(_log, Encoding.UTF8.GetBytes(IsTorn(end) ? "\n" + line : line), end);
            RandomAccess.FlushToDisk(_log);
            _parts[part.Number] = part;
        }
    }

    /// <inheritdoc/>
    public void End()
    {
        if (Upload is { Lost: true } lost) Begin(lost with { UploadId = null });
        else Remove();
    }

    /// <summary>Removes both files.</summary>
    public void Remove()
    {
        lock (_lock)
        {
            _log?.Dispose();
            _log = null;
            _parts.Clear();
            // The parts first: what is left after a kill in between still names the upload.
            File.Delete(_stem + CheckpointFolder.PartsSuffix);
            File.Delete(_stem + CheckpointFolder.UploadSuffix);
            Upload = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _log?.Dispose();
        // Removed while it is held: whoever has opened it meanwhile sees that it is gone.
        if (Upload is null) File.Delete(_turn.Name);
        _turn.Dispose();
    }

    /// <summary>Whether the last line was cut off: the next must not be glued to it.</summary>
    private bool IsTorn(long end)
    {
        Span<byte> last = stackalloc byte[1];
        return end > 0 && RandomAccess.Read(_log!, last, end - 1) == 1 && last[0] != '\n';
    }

    private void WriteBoth(UploadRecord upload)
    {
        var line = CheckpointFormat.Write(upload);
        Replace(CheckpointFolder.UploadSuffix, line);
        if (upload.UploadId is null) File.Delete(_stem + CheckpointFolder.PartsSuffix);
        else Replace(CheckpointFolder.PartsSuffix, line + string.Concat(_parts.Values.Select(CheckpointFormat.Write)));
    }

    private void Replace(string suffix, string text) => AtomicFile.Write(_stem + suffix, text);

    /// <summary>Takes the lock that keeps others away.</summary>
    private static FileStream Take(string path, string key)
    {
        // Windows locks by sharing, and what may not be shared for deletion cannot be deleted by its owner either.
        var options = OperatingSystem.IsWindows()
            ? new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Delete }
            : new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
        while (true)
        {
            try
            {
                var turn = new FileStream(path, options);
                if (IsStillThere(turn, path)) return turn;
                turn.Dispose();
            }
            catch (IOException e) when ((e.HResult & 0xFFFF) is SharingViolation or WouldBlock)
            {
                // Gone meanwhile: whoever had it has ended.
                if (!File.Exists(path)) continue;
                throw new StoreException(StoreErrorKind.Refused, $"Another process is sending this file to {key}; wait for it, or stop it.", e);
            }
        }
    }

    /// <summary>Whether a lock is on the file that others see: its former owner may have removed it between our opening and our locking.</summary>
    private static bool IsStillThere(FileStream turn, string path)
    {
        if (!OperatingSystem.IsLinux()) return true;
        try
        {
            return FileStamp.Of(path).Inode == FileStamp.Of($"/proc/self/fd/{turn.SafeFileHandle.DangerousGetHandle()}").Inode;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }
}
