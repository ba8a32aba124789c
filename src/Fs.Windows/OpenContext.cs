using System.Collections.Concurrent;
using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Windows;

/// <summary>What Windows has open: one for each FILE_OBJECT, from Create or Open to Close. Changes of the handle are made under its lock;
/// reads and writes take the handle as it is, since the driver may still page in or out while it is changed.</summary>
internal sealed class OpenContext(NodeId node, NodeKind kind)
{
    private long _handle;

    /// <summary>Guards changes of the handle. Only calls on this one open wait for each other.</summary>
    public Lock Lock { get; } = new();

    /// <summary>The node.</summary>
    public NodeId Node { get; } = node;

    /// <summary>What it is.</summary>
    public NodeKind Kind { get; } = kind;

    /// <summary>The core's handle; null for what has none: directories, links, FIFOs.</summary>
    public HandleId? Handle => Volatile.Read(ref _handle) is not 0 and var handle ? new HandleId(handle) : null;

    /// <summary>Whether <see cref="Handle"/> may write.</summary>
    public bool CanWrite { get; private set; }

    /// <summary>Whether CLEANUP has come: the program's handle is closed, and what comes now are mapped pages.</summary>
    public bool IsCleanedUp { get; set; }

    /// <summary>Whether its name was removed through it: there is nothing left to commit.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>A link's target as bytes, which is what reading a link gives.</summary>
    public byte[]? Target { get; init; }

    /// <summary>An enumeration under way.</summary>
    public DirectoryView? View { get; set; }

    /// <summary>The write time that the program has set through this handle, nanoseconds since 1970: later writes do not change it.</summary>
    public long? WriteTime { get; set; }

    /// <summary>Whether something was written after <see cref="WriteTime"/> was set.</summary>
    public bool HasWrittenSince { get; set; }

    /// <summary>Takes another handle. Returns the former.</summary>
    public HandleId? Replace(HandleId? handle, bool canWrite)
    {
        var former = Handle;
        Volatile.Write(ref _handle, handle?.Value ?? 0);
        CanWrite = canWrite;
        return former;
    }
}

/// <summary>What is open, by the number that the driver holds; never 0, never used again.</summary>
internal sealed class OpenContexts
{
    private readonly ConcurrentDictionary<nint, OpenContext> _byNumber = new();
    private long _last;

    /// <summary>How many.</summary>
    public int Count => _byNumber.Count;

    /// <summary>Takes one in.</summary>
    public nint Add(OpenContext context)
    {
        var number = (nint)Interlocked.Increment(ref _last);
        _byNumber[number] = context;
        return number;
    }

    /// <summary>The one of a number, or null.</summary>
    public OpenContext? Find(nint number) => _byNumber.GetValueOrDefault(number);

    /// <summary>Takes one out; null when it is gone.</summary>
    public OpenContext? Remove(nint number) => _byNumber.TryRemove(number, out var context) ? context : null;

    /// <summary>Takes all out.</summary>
    public IReadOnlyList<OpenContext> TakeAll() => [.. _byNumber.Keys.Select(Remove).OfType<OpenContext>()];
}
