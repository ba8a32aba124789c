using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.DevStore;

/// <summary>
/// The bytes of objects and parts: numbered, immutable files that know nothing of keys. A blob lives as long as somebody
/// holds a reference (an object, a part, a reader, a writer); references are counted in memory and rebuilt from the log.
/// </summary>
internal sealed class BlobStore : IDisposable
{
    private const int BlobsPerDirectory = 4096;
    private readonly string _root;
    private readonly bool _durable;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, int> _references = [];
    private readonly List<BlobDirectory> _directories = [];
    private long _next;
    private bool _cleaned;

    public BlobStore(string root, bool durable)
    {
        _root = root;
        _durable = durable;
        Directory.CreateDirectory(root);
    }

    /// <summary>Ends start-up: deletes what a crash left behind, i.e. every blob that the replayed log does not mention.</summary>
    public void DeleteUnreferenced()
    {
        lock (_gate)
        {
            foreach (string file in Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories))
            {
                if (!long.TryParse(Path.GetFileName(file), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long blob)) continue;
                _next = Math.Max(_next, blob + 1);
                if (!_references.ContainsKey(blob)) File.Delete(file);
            }

            foreach (long blob in _references.Keys) _next = Math.Max(_next, blob + 1);
            _cleaned = true;
        }
    }

    /// <summary>A new blob with one reference, which the writer holds.</summary>
    public BlobWriter Create()
    {
        long blob;
        BlobDirectory directory;
        lock (_gate)
        {
            blob = _next++;
            _references[blob] = 1;
            directory = DirectoryFor_NeedsLock(blob);
        }

        return new BlobWriter(this, blob, PathOf(blob), directory, _durable);
    }

    public void Retain(IEnumerable<BlobSlice> slices)
    {
        lock (_gate)
        {
            foreach (BlobSlice slice in slices) _references[slice.Blob] = _references.GetValueOrDefault(slice.Blob) + 1;
        }
    }

    public void Release(IEnumerable<BlobSlice> slices)
    {
        lock (_gate)
        {
            foreach (BlobSlice slice in slices)
            {
                if (--_references[slice.Blob] > 0) continue;
                _references.Remove(slice.Blob);
                if (_cleaned) File.Delete(PathOf(slice.Blob));
            }
        }
    }

    public SafeFileHandle OpenRead(long blob) =>
        File.OpenHandle(PathOf(blob), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    public void Dispose()
    {
        foreach (BlobDirectory directory in _directories) directory.Dispose();
    }

    private BlobDirectory DirectoryFor_NeedsLock(long blob)
    {
        string path = Path.GetDirectoryName(PathOf(blob))!;
        BlobDirectory? newest = _directories.Count > 0 ? _directories[^1] : null;
        if (newest?.Path == path) return newest;
        Directory.CreateDirectory(path);
        if (_durable) Durable.SyncDirectory(_root);
        var directory = new BlobDirectory(path);
        _directories.Add(directory);
        return directory;
    }

    private string PathOf(long blob) => Path.Combine(
        _root,
        (blob / BlobsPerDirectory).ToString("x8", CultureInfo.InvariantCulture),
        blob.ToString("x16", CultureInfo.InvariantCulture));
}

/// <summary>A folder of blobs whose new names are made durable together.</summary>
internal sealed class BlobDirectory(string path) : IDisposable
{
    public string Path { get; } = path;

    public GroupSync Names { get; } = new(() => Durable.SyncDirectory(path));

    public void Dispose() => Names.Dispose();
}
