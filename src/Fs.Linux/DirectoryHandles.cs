using System.Collections.Concurrent;
using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux;

/// <summary>An open directory. The kernel reads one open directory from one thread at a time.</summary>
internal sealed class DirectoryHandle(DirectorySnapshot snapshot)
{
    /// <summary>What is being paged through.</summary>
    public DirectorySnapshot Snapshot { get; set; } = snapshot;

    /// <summary>Whether reading began; a second start (rewinddir) shows the directory as it is then.</summary>
    public bool Started { get; set; }
}

/// <summary>Open directories by the number that the kernel holds.</summary>
internal sealed class DirectoryHandles
{
    private readonly ConcurrentDictionary<ulong, DirectoryHandle> _byNumber = new();
    private ulong _last;

    /// <summary>Opens; numbers are never reused.</summary>
    public ulong Add(DirectorySnapshot snapshot)
    {
        var number = Interlocked.Increment(ref _last);
        _byNumber[number] = new DirectoryHandle(snapshot);
        return number;
    }

    /// <summary>The directory, or null for a number that is not open.</summary>
    public DirectoryHandle? Find(ulong number) => _byNumber.GetValueOrDefault(number);

    /// <summary>Closes.</summary>
    public void Remove(ulong number) => _byNumber.TryRemove(number, out _);

    /// <summary>Closes all.</summary>
    public void Clear() => _byNumber.Clear();
}
