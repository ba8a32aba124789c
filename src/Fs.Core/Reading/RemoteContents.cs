using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>The remote versions that are open, or were lately: shared by key and ETag, the longest unused ones dropped above a
/// limit of bytes. Their files have no names, so that nothing is left behind by a kill.</summary>
internal sealed class RemoteContents : IDisposable
{
    private const long IdleLimit = 1L << 30;
    private const int IdleCount = 128; // each holds a file descriptor

    private readonly Lock _lock = new();
    private readonly IObjectReader _reader;
    private readonly string _folder;
    private readonly Dictionary<(string Key, string ETag), Entry> _entries = [];
    private readonly LinkedList<Entry> _idle = [];
    private long _idleBytes;

    public RemoteContents(IObjectReader reader, string folder)
    {
        _reader = reader;
        _folder = folder;
        PrivateFolder.Create(folder);
        foreach (var leftover in Directory.EnumerateFiles(folder)) File.Delete(leftover);
    }

    /// <summary>The content of a version; give it back with <see cref="Close"/>.</summary>
    public RemoteContent Open(string key, string etag, long size)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue((key, etag), out var entry))
            {
                entry = new Entry(new RemoteContent(_reader, NamelessFile(), key, etag, size));
                _entries.Add((key, etag), entry);
            }

            if (entry.Idle is not null)
            {
                _idle.Remove(entry.Idle);
                _idleBytes -= entry.IdleBytes;
                entry.Idle = null;
            }

            entry.Users++;
            return entry.Content;
        }
    }

    public void Close(RemoteContent content)
    {
        lock (_lock)
        {
            var entry = _entries[(content.Key, content.ETag)];
            if (--entry.Users > 0) return;
            entry.Idle = _idle.AddLast(entry);
            entry.IdleBytes = content.CachedBytes;
            _idleBytes += entry.IdleBytes;
            while ((_idleBytes > IdleLimit || _idle.Count > IdleCount) && _idle.First is { } oldest)
            {
                _idleBytes -= oldest.Value.IdleBytes;
                _idle.RemoveFirst();
                _entries.Remove((oldest.Value.Content.Key, oldest.Value.Content.ETag));
                oldest.Value.Content.Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Values) entry.Content.Dispose();
            _entries.Clear();
            _idle.Clear();
        }
    }

    private Microsoft.Win32.SafeHandles.SafeFileHandle NamelessFile()
    {
        var path = Path.Combine(_folder, StagingFolder.NewName());
        var file = StagingFile.Create(path);
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }

    private sealed class Entry(RemoteContent content)
    {
        public RemoteContent Content { get; } = content;

        public int Users { get; set; }

        public LinkedListNode<Entry>? Idle { get; set; }

        public long IdleBytes { get; set; }
    }
}
