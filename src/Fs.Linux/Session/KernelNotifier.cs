using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>
/// Tells the kernel what changed behind its back. The kernel may make the writer wait for a directory's lock, which somebody
/// whose request is being handled holds: so a thread of its own, which nobody waits for. For the same reason a full queue drops
/// (the kernel's caches then end by their time limit) instead of holding up the announcer, who may be the one that the handler
/// waits for.
/// </summary>
internal sealed partial class KernelNotifier : IDisposable
{
    private readonly IFuseChannel _channel;
    private readonly IFileSystem _fileSystem;
    private readonly ILogger _logger;
    private readonly BlockingCollection<FsInvalidation> _queue;
    private readonly Thread _thread;
    private int _dropping;
    private int _disposed;

    /// <summary>Starts listening and sending.</summary>
    public KernelNotifier(IFuseChannel channel, IFileSystem fileSystem, int capacity, ILogger logger)
    {
        _channel = channel;
        _fileSystem = fileSystem;
        _logger = logger;
        _queue = new BlockingCollection<FsInvalidation>(new ConcurrentQueue<FsInvalidation>(), capacity);
        _thread = new Thread(Run, FuseSession.ThreadStack) { IsBackground = true, Name = "fuse-notify" };
        _thread.Start();
        _fileSystem.Invalidated += OnInvalidated;
    }

    /// <summary>Stops listening and sends what is queued; on a mount that is gone that ends at once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _fileSystem.Invalidated -= OnInvalidated;
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    /// <summary>FUSE_NOTIFY_INVAL_INODE for a node's attributes. Not for its pages: the kernel would make this thread wait, uninterruptibly, for those
    /// that are just being read, and a killed agent could then not end. Pages go with the next open, which the file system answers so.</summary>
    internal static int EncodeNode(Span<byte> target, ulong node) => Encode(
        target, FuseNotifyCode.InvalInode, new fuse_notify_inval_inode_out { ino = node, off = -1, len = 0 }, []);

    /// <summary>FUSE_NOTIFY_INVAL_ENTRY for a name in a directory.</summary>
    internal static int EncodeEntry(Span<byte> target, ulong parent, string name)
    {
        var bytes = new byte[NameBytes.Count(name) + 1]; // ends in a zero byte
        var length = NameBytes.Write(name, bytes);
        return Encode(target, FuseNotifyCode.InvalEntry, new fuse_notify_inval_entry_out { parent = parent, namelen = (uint)length }, bytes);
    }

    private static int Encode<T>(Span<byte> target, FuseNotifyCode code, in T body, ReadOnlySpan<byte> text)
        where T : unmanaged
    {
        var length = FuseProtocol.OutHeaderSize + Unsafe.SizeOf<T>() + text.Length;
        MemoryMarshal.Write(target, new fuse_out_header { len = (uint)length, error = (int)code, unique = 0 });
        MemoryMarshal.Write(target[FuseProtocol.OutHeaderSize..], body);
        text.CopyTo(target[(FuseProtocol.OutHeaderSize + Unsafe.SizeOf<T>())..]);
        return length;
    }

    private void OnInvalidated(FsInvalidation change)
    {
        try
        {
            if (_queue.TryAdd(change))
            {
                Volatile.Write(ref _dropping, 0);
                return;
            }
        }
        catch (InvalidOperationException)
        {
            return; // Completed between the event and here: there is no mount to tell.
        }

        if (Interlocked.Exchange(ref _dropping, 1) == 0) LogDropping(_queue.BoundedCapacity);
    }

    private void Run()
    {
        var message = new byte[FuseProtocol.OutHeaderSize + Unsafe.SizeOf<fuse_notify_inval_inode_out>() + FuseProtocol.MaxNameBytes + 1];
        foreach (var change in _queue.GetConsumingEnumerable())
        {
            if (change.Name is { } name && NameBytes.Count(name) > FuseProtocol.MaxNameBytes) continue; // cannot be cached
            var node = change.Node == _fileSystem.Root ? FuseProtocol.RootId : (ulong)change.Node.Value;
            var length = change.Name is null ? EncodeNode(message, node) : EncodeEntry(message, node, change.Name);
            _channel.Send(message.AsSpan(0, length)); // a refusal is logged there; there is nothing else to do about it
        }
    }

    [LoggerMessage(1120, LogLevel.Error, "More than {Capacity} outside changes wait for the kernel; further ones are dropped and show late.")]
    private partial void LogDropping(int capacity);
}
