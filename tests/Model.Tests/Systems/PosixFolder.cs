using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using SyncAgent.Model.Tests.Operations;
using SyncAgent.Model.Tests.Reference;

namespace SyncAgent.Model.Tests.Systems;

/// <summary>A folder of this machine, on whatever file system: each call is the system call, so that its error is the kernel's own.</summary>
internal sealed class PosixFolder : ICallable, IDisposable
{
    private const int NameOffset = 19;
    private const int StatusSize = 256;
    private const int FromEnd = 2;
    private const uint BasicStatus = 0x7FF;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly string _root;
    private readonly Dictionary<int, int> _slots = [];

    static PosixFolder() => _ = Native.Umask(ModelTree.ModelUmask);

    public PosixFolder(string root) => _root = root;

    public Outcome Answer(Call call) => call switch
    {
        Open open => OpenFile(open),
        Close close => CloseSlot(close.Slot),
        Write write => Count(Native.WriteAt(At(write.Slot), Pattern.Of(write.Length, write.Seed), write.Length, write.Offset)),
        Read read => ReadBytes(read),
        TruncateHandle cut => Result(Native.TruncateHandle(At(cut.Slot), cut.Size)),
        TruncatePath cut => Result(Native.TruncatePath(At(cut.Path), cut.Size)),
        Fsync sync => Result(Native.Fsync(At(sync.Slot))),
        Rename rename => Result(Native.Rename(Native.CurrentDirectory, At(rename.From), Native.CurrentDirectory, At(rename.To), (uint)rename.Kind)),
        Unlink unlink => Result(Native.Unlink(At(unlink.Path))),
        MakeDirectory make => Result(Native.MakeDirectory(At(make.Path), make.Permissions)),
        RemoveDirectory remove => Result(Native.RemoveDirectory(At(remove.Path))),
        MakeLink link => Result(Native.MakeLink(link.Target, At(link.Path))),
        ReadLink link => ReadTarget(link),
        ChangeMode mode => Result(Native.ChangeMode(At(mode.Path), mode.Permissions)),
        ChangeTime time => SetTime(time),
        Stat stat => Status(stat),
        ReadDirectory read => List(read),
        Allocate allocate => Result(Native.Allocate(At(allocate.Slot), (int)allocate.Kind, allocate.Offset, allocate.Length)),
        Seek seek => FindRange(seek),
        CopyRange copy => Copy(copy),
        SetAttribute set => Result(Native.SetAttribute(At(set.Path), set.Name, Pattern.Of(set.Length, set.Seed), set.Length, 0)),
        GetAttribute get => Attribute(get),
        RemoveAttribute remove => Result(Native.RemoveAttribute(At(remove.Path), remove.Name)),
        _ => throw new NotSupportedException(call.GetType().Name),
    };

    public bool Exists(string path) => Native.Status(Native.CurrentDirectory, At(path), Native.NoFollowOfPath, BasicStatus, new byte[StatusSize]) == 0;

    /// <summary>Closes all descriptors, whatever they lead to: the drive behind them may be gone.</summary>
    public void Dispose()
    {
        foreach (var descriptor in _slots.Values) _ = Native.Close(descriptor);
        _slots.Clear();
    }

    private string At(string path) => path.Length == 0 ? _root : $"{_root}/{path}";

    private int At(int slot) => _slots.GetValueOrDefault(slot, -1);

    private static Outcome Result(long result) => result < 0 ? new Outcome(Marshal.GetLastPInvokeError()) : Outcome.Done;

    private static Outcome Count(nint result) => result < 0 ? new Outcome(Marshal.GetLastPInvokeError()) : new Outcome(0, $"{result}");

    private Outcome OpenFile(Open open)
    {
        CloseSlot(open.Slot);
        var flags = (open.Mode & (OpenMode.Read | OpenMode.Write)) switch
        {
            OpenMode.Write => Native.WriteOnly,
            OpenMode.Read => Native.ReadOnly,
            _ => Native.ReadWrite,
        };
        if (open.Mode.HasFlag(OpenMode.Create)) flags |= Native.Create;
        if (open.Mode.HasFlag(OpenMode.Exclusive)) flags |= Native.Exclusive;
        if (open.Mode.HasFlag(OpenMode.Truncate)) flags |= Native.Truncate;
        if (open.Mode.HasFlag(OpenMode.Append)) flags |= Native.Append;
        var descriptor = Native.Open(At(open.Path), flags | Native.NoFollow | Native.CloseOnExec, open.Permissions);
        if (descriptor < 0) return new Outcome(Marshal.GetLastPInvokeError());
        _slots[open.Slot] = descriptor;
        return Outcome.Done;
    }

    private Outcome CloseSlot(int slot) => _slots.Remove(slot, out var descriptor) ? Result(Native.Close(descriptor)) : new Outcome(Errno.BadHandle);

    private Outcome ReadBytes(Read read)
    {
        var buffer = new byte[read.Length];
        var done = 0;
        while (done < buffer.Length)
        {
            var count = Native.ReadAt(At(read.Slot), buffer.AsSpan(done), buffer.Length - done, read.Offset + done);
            if (count < 0) return new Outcome(Marshal.GetLastPInvokeError());
            if (count == 0) break;
            done += (int)count;
        }

        return new Outcome(0, "", buffer[..done]);
    }

    private Outcome ReadTarget(ReadLink link)
    {
        var buffer = new byte[4096];
        var count = Native.ReadLink(At(link.Path), buffer, buffer.Length);
        return count < 0 ? new Outcome(Marshal.GetLastPInvokeError()) : new Outcome(0, Encoding.UTF8.GetString(buffer, 0, (int)count));
    }

    private Outcome SetTime(ChangeTime time)
    {
        var seconds = Math.DivRem(time.Nanoseconds, NanosecondsPerSecond, out var rest);
        if (rest < 0) (seconds, rest) = (seconds - 1, rest + NanosecondsPerSecond);
        return Result(Native.ChangeTimes(Native.CurrentDirectory, At(time.Path), [0, Native.OmitTime, seconds, rest], Native.NoFollowOfPath));
    }

    private Outcome Status(Stat stat)
    {
        var buffer = new byte[StatusSize];
        if (Native.Status(Native.CurrentDirectory, At(stat.Path), Native.NoFollowOfPath, BasicStatus, buffer) < 0)
            return new Outcome(Marshal.GetLastPInvokeError());
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(28));
        var kind = (mode & 0xF000) switch { 0x8000 => "file", 0x4000 => "directory", 0xA000 => "link", var other => $"type {other:x}" };
        var size = BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(40));
        var modified = (BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(112)) * NanosecondsPerSecond) + BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(120));
        return new Outcome(0, Status: new NodeStatus(kind, mode & 0xFFFu, kind == "directory" ? 0 : size, modified));
    }

    private Outcome List(ReadDirectory read)
    {
        var directory = Native.OpenDirectory(At(read.Path));
        if (directory == 0) return new Outcome(Marshal.GetLastPInvokeError());
        var names = new List<string>();
        Marshal.SetLastPInvokeError(0);
        while (Native.ReadDirectory(directory) is var entry and not 0) names.Add(Marshal.PtrToStringUTF8(entry + NameOffset)!);
        var error = Marshal.GetLastPInvokeError();
        _ = Native.CloseDirectory(directory);
        return error != 0 ? new Outcome(error) : new Outcome(0, string.Join('/', names.Where(name => name is not ("." or "..")).Order(StringComparer.Ordinal)));
    }

    // Where holes are is each file system's own affair, and one may know of none: what is said to be a hole must be zeros, and what is
    // skipped to find the next hole must be within the file.
    private Outcome FindRange(Seek seek)
    {
        if (Native.ReadAt(At(seek.Slot), new byte[1], 1, 0) < 0 && Marshal.GetLastPInvokeError() == Errno.IsDirectory) return new Outcome(Errno.IsDirectory);
        var end = Native.Seek(At(seek.Slot), 0, FromEnd);
        if (end < 0) return new Outcome(Marshal.GetLastPInvokeError());
        var found = Native.Seek(At(seek.Slot), seek.Offset, (int)seek.Kind);
        if (found < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (seek.Kind != SeekKind.Data || seek.Offset >= end) return new Outcome(error);
            found = end; // a hole up to the end
        }

        if (found < seek.Offset || found > end) return new Outcome(0, $"{found} is not from {seek.Offset} to {end}");
        if (seek.Kind == SeekKind.Hole) return Outcome.Done;
        var skipped = new byte[found - seek.Offset];
        var read = Native.ReadAt(At(seek.Slot), skipped, skipped.Length, seek.Offset);
        return read < 0 || !skipped.AsSpan().ContainsAnyExcept((byte)0) ? Outcome.Done : new Outcome(0, "data in what is said to be a hole");
    }

    private Outcome Copy(CopyRange copy)
    {
        long from = copy.FromOffset, to = copy.ToOffset;
        var left = copy.Length;
        while (left > 0)
        {
            var count = Native.CopyRange(At(copy.From), ref from, At(copy.To), ref to, left, 0);
            if (count < 0) return new Outcome(Marshal.GetLastPInvokeError());
            if (count == 0) break;
            left -= (int)count;
        }

        return new Outcome(0, $"{copy.Length - left}");
    }

    private Outcome Attribute(GetAttribute get)
    {
        var buffer = new byte[4096];
        var count = Native.GetAttribute(At(get.Path), get.Name, buffer, buffer.Length);
        return count < 0 ? new Outcome(Marshal.GetLastPInvokeError()) : new Outcome(0, "", buffer[..(int)count]);
    }
}
