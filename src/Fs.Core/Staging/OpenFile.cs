using Microsoft.Win32.SafeHandles;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>
/// The content of a node while anybody has it open: the generation being written over the sealed or remote one below it. All
/// handles of a node share it. Split by concern: this file holds the state, .Write the writing, .Close the life of a generation,
/// .Read the reading.
/// <para>Lock order: the tree's lock, then <see cref="_lock"/>; a journal mutation is only enqueued under either and its commit is
/// awaited outside. <see cref="_preparing"/> is taken before both and held over local disk work only.</para>
/// </summary>
internal sealed partial class OpenFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Lock _preparing = new();
    private readonly Node _node;
    private readonly FileServices _services;

    // The generation being written, or interrupted by a kill; null when nothing was written since the last seal.
    private Generation? _generation;
    private SafeFileHandle? _file;
    private ExtentLog? _log;
    private RunningCrc _crc;
    private bool _flushed;
    private long _flushSequence;

    // The close that a write voids and whose voiding is not committed yet, or 0.
    private long _voiding;

    // The commit that says "open for writing": no byte is acknowledged before it.
    private long _openSequence;
    private bool _written;
    private Extent? _failed;
    private FsErrorKind _failure = FsErrorKind.Io;

    // What is read below it, opened on first use.
    private ContentReader? _sealed;
    private RemoteContent? _remote;

    // Objects that reads may still need after a rename or removal, until the last handle is closed.
    private readonly List<IDisposable> _pins = [];

    public OpenFile(Node node, FileServices services)
    {
        _node = node;
        _services = services;
    }

    /// <summary>Open handles. Guarded by the tree's lock.</summary>
    public int Handles { get; set; }

    /// <summary>Handles open for writing. Guarded by the tree's lock.</summary>
    public int Writers { get; set; }

    /// <summary>The generation whose staging file open handles still need after the name is gone, or null.</summary>
    public long? GenerationInUse
    {
        get
        {
            lock (_lock) return _generation?.Id ?? _node.Content;
        }
    }

    /// <summary>Loads the generation that a kill interrupted, if there is one. Call once before the first use.</summary>
    public void Load()
    {
        lock (_lock) LoadNeedsLock();
    }

    /// <summary>The disk lost bytes of what was closed last: it is the generation in the making again, incomplete, over what the row names.
    /// One that was begun over it meanwhile is incomplete too.</summary>
    public void Distrust(NodeRow row)
    {
        lock (_lock)
        {
            if (_generation is not null)
            {
                FailNeedsLock(0, long.MaxValue, FsError.LostBytes);
                return;
            }

            CloseBelowNeedsLock();
            _node.Content = row.Content;
            _node.OpenGeneration = row.Open;
            LoadNeedsLock();
        }
    }

    /// <summary>Keeps the object that reads come from in the bucket until this is disposed. To be called before its key is given up.</summary>
    public void PinRemote()
    {
        lock (_lock) PinRemoteNeedsLock();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            CloseGenerationNeedsLock();
            CloseBelowNeedsLock();
            foreach (var pin in _pins) pin.Dispose();
            _pins.Clear();
        }
    }

    private void LoadNeedsLock()
    {
        if (_node.OpenGeneration is not { } id || _generation is not null) return;
        var row = _services.Reader.Generation(id);
        if (row is null) return;
        var files = _services.Journal.Files;
        _generation = row;
        _file = StagingFile.OpenForWriting(files.FileOf(row.Staging));
        if (row.Base != BaseKind.None) _log = ExtentLog.Open(files.MapOf(row.Staging), row.BaseSize);
        if (row.State == GenerationState.Incomplete) _failed = new Extent(0, long.MaxValue, ExtentOwner.Overlay);
    }

    private void PinRemoteNeedsLock()
    {
        if (_node.Content is null && _node.Remote is { ETag: { } etag } remote)
            _pins.Add(_services.Journal.KeyPins.Pin(_services.Drive.Id, remote.Key, etag));
    }

    private void CloseGenerationNeedsLock()
    {
        _generation = null;
        _file?.Dispose();
        _file = null;
        _log?.Dispose();
        _log = null;
        _crc = default;
        _flushed = false;
        _voiding = 0;
        _written = false;
        ForgiveNeedsLock();
    }

    private void CloseBelowNeedsLock()
    {
        _sealed?.Dispose();
        _sealed = null;
        if (_remote is not null) _services.Remotes.Close(_remote);
        _remote = null;
    }
}
