using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Torture.Power;

/// <summary>Somebody who works in a folder of the drive and remembers what was done and what was acknowledged. One thread each.</summary>
/// <param name="folder">Name of the folder, which is made.</param>
/// <param name="drive">Where the drive is mounted.</param>
/// <param name="disk">The disk below the agent.</param>
/// <param name="chance">All its choices.</param>
internal abstract class Actor(string folder, string drive, LoggedDisk disk, Random chance)
{
    private const int LongestPause = 60;
    private static readonly TimeSpan DurableWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    private int _files;

    /// <summary>What it did.</summary>
    public History History { get; } = new(folder);

    /// <summary>Longest time from a close until it was shown as durable.</summary>
    public TimeSpan LongestClosing { get; private set; }

    /// <summary>Its choices.</summary>
    protected Random Chance => chance;

    /// <summary>Names after the last step.</summary>
    protected ImmutableSortedDictionary<string, Entry> Names => History.Now;

    /// <summary>Works until it is told to stop.</summary>
    public void Run(CancellationToken stop)
    {
        Directory.CreateDirectory(Path.Combine(drive, folder));
        while (!stop.IsCancellationRequested)
        {
            Turn(stop);
            stop.WaitHandle.WaitOne(chance.Next(LongestPause));
        }
    }

    /// <summary>Does one thing.</summary>
    protected abstract void Turn(CancellationToken stop);

    /// <summary>Where a name of this actor is.</summary>
    protected string At(string name) => Path.Combine(drive, folder, name);

    /// <summary>A number for a new file.</summary>
    protected int NewFile() => ++_files;

    /// <summary>A name of a kind, by chance, or null.</summary>
    protected string? Any(Func<string, Entry, bool> wanted)
    {
        var found = Names.Where(pair => wanted(pair.Key, pair.Value)).Select(pair => pair.Key).ToList();
        return found.Count == 0 ? null : found[chance.Next(found.Count)];
    }

    /// <summary>Bytes that nothing else has.</summary>
    protected byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        chance.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Does something that leaves the names as given.</summary>
    protected void Do(string what, ImmutableSortedDictionary<string, Entry> after, Action call)
    {
        History.Begin(new Step(what, disk.Position, after));
        call();
    }

    /// <summary>The content of a file at a close.</summary>
    protected static Version VersionOf(int file, ReadOnlySpan<byte> bytes) => new(file, Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length);

    /// <summary>A call that promises that everything before it survives.</summary>
    protected void Acknowledged(Action call)
    {
        call();
        History.Acknowledge(disk.Position);
    }

    /// <summary>Opens a file of this actor.</summary>
    protected SafeFileHandle Open(string name, FileMode mode) => File.OpenHandle(At(name), mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Makes an open file durable.</summary>
    protected void Sync(SafeFileHandle file) => Acknowledged(() => RandomAccess.FlushToDisk(file));

    /// <summary>Makes the names durable.</summary>
    protected void SyncFolder() => Acknowledged(() => Kernel.SyncFolder(Path.Combine(drive, folder)));

    /// <summary>Waits until a closed file is shown as durable, or the time is over.</summary>
    protected void AwaitDurable(string name, CancellationToken stop)
    {
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        while (Kernel.ReadAttribute(At(name), "user.syncagent.state") is null or "open" or "closing")
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(begun) > DurableWithin) throw new TimeoutException($"{folder}/{name} was closed and never became durable");
            if (stop.WaitHandle.WaitOne(Glance)) return;
        }

        History.Acknowledge(disk.Position);
        var took = System.Diagnostics.Stopwatch.GetElapsedTime(begun);
        if (took > LongestClosing) LongestClosing = took;
    }
}
