using SyncAgent.Model.Tests.Operations;

namespace SyncAgent.Model.Tests.Reference;

/// <summary>
/// What a drive should be, in memory: a POSIX file system as far as its callers can tell. Split by concern: this file holds
/// descriptors and contents, .Names the names, .Drive what happens to the drive and what the bucket must hold.
/// </summary>
internal sealed partial class ModelTree : ICallable
{
    private readonly Dictionary<int, ModelHandle> _slots = [];

    public ModelDirectory Root { get; } = new();

    public Outcome Answer(Call call) => call switch
    {
        Open open => OpenFile(open),
        Close close => CloseSlot(close.Slot),
        Write write => WriteBytes(write),
        Read read => ReadBytes(read),
        TruncateHandle cut => Cut(cut),
        TruncatePath cut => Cut(cut),
        Fsync sync => Sync(sync),
        Rename rename => Move(rename),
        Unlink unlink => RemoveName(unlink),
        MakeDirectory make => Make(make.Path, new ModelDirectory { Mode = make.Permissions }),
        RemoveDirectory remove => Remove(remove),
        MakeLink link => Make(link.Path, new ModelLink(link.Target) { Mode = 0b111_111_111 }),
        ReadLink link => ReadTarget(link),
        ChangeMode mode => SetMode(mode),
        ChangeTime time => SetTime(time),
        Stat stat => Status(stat),
        ReadDirectory read => List(read),
        _ => throw new NotSupportedException($"{call.GetType().Name} is not in the model"),
    };

    private Outcome OpenFile(Open open)
    {
        CloseSlot(open.Slot);
        if (Find(open.Path, out var directory, out var name, out var node) is { } error) return error;
        var mayWrite = open.Mode.HasFlag(OpenMode.Write);
        if (node is not null && open.Mode.HasFlag(OpenMode.Create | OpenMode.Exclusive)) return new Outcome(Errno.Exists);
        switch (node)
        {
            case null when !open.Mode.HasFlag(OpenMode.Create):
                return new Outcome(Errno.NotFound);
            case null:
                var made = new ModelFile { Mode = open.Permissions & ~ModelUmask, IsTentative = true };
                made.Begin();
                Attach(directory!, name, made);
                return Opened(open, made, isWriter: true);
            case ModelLink:
                return new Outcome(Errno.LinkLoop);
            case ModelDirectory when mayWrite || open.Mode.HasFlag(OpenMode.Create) || open.Mode.HasFlag(OpenMode.Truncate):
                return new Outcome(Errno.IsDirectory);
            case ModelFile file:
                if (open.Mode.HasFlag(OpenMode.Truncate)) file.Change([]);
                return Opened(open, file, mayWrite);
            default:
                _slots[open.Slot] = new ModelHandle(node, CanRead: true, CanWrite: false, IsWriter: false, Appends: false);
                return Outcome.Done;
        }
    }

    private Outcome Opened(Open open, ModelFile file, bool isWriter)
    {
        file.Handles++;
        if (isWriter) file.Writers++;
        _slots[open.Slot] = new ModelHandle(
            file, open.Mode.HasFlag(OpenMode.Read), open.Mode.HasFlag(OpenMode.Write), isWriter, open.Mode.HasFlag(OpenMode.Append));
        return Outcome.Done;
    }

    private Outcome CloseSlot(int slot)
    {
        if (!_slots.Remove(slot, out var handle)) return new Outcome(Errno.BadHandle);
        if (handle.Node is not ModelFile file) return Outcome.Done;
        file.Handles--;
        if (!handle.IsWriter) return Outcome.Done;
        file.Flush();
        if (--file.Writers == 0) file.Seal();
        return Outcome.Done;
    }

    private Outcome WriteBytes(Write write)
    {
        if (!_slots.TryGetValue(write.Slot, out var handle) || !handle.CanWrite) return new Outcome(Errno.BadHandle);
        var file = (ModelFile)handle.Node;
        var offset = handle.Appends ? file.Bytes.Length : write.Offset;
        var bytes = new byte[Math.Max(file.Bytes.Length, offset + write.Length)];
        file.Bytes.CopyTo(bytes, 0);
        Pattern.Of(write.Length, write.Seed).CopyTo(bytes, offset);
        file.Change(bytes);
        return new Outcome(0, $"{write.Length}");
    }

    private Outcome ReadBytes(Read read)
    {
        if (!_slots.TryGetValue(read.Slot, out var handle) || !handle.CanRead) return new Outcome(Errno.BadHandle);
        if (handle.Node is not ModelFile file) return new Outcome(Errno.IsDirectory);
        var start = Math.Min(read.Offset, file.Bytes.Length);
        return new Outcome(0, "", file.Bytes[start..Math.Min(file.Bytes.Length, start + read.Length)]);
    }

    private Outcome Cut(TruncateHandle cut)
    {
        if (!_slots.TryGetValue(cut.Slot, out var handle)) return new Outcome(Errno.BadHandle);
        if (!handle.CanWrite) return new Outcome(Errno.Invalid);
        Resize((ModelFile)handle.Node, cut.Size);
        return Outcome.Done;
    }

    private Outcome Cut(TruncatePath cut)
    {
        if (Find(cut.Path, out _, out _, out var node) is { } error) return error;
        switch (node)
        {
            case null or ModelLink: return new Outcome(Errno.NotFound);
            case ModelDirectory: return new Outcome(Errno.IsDirectory);
        }

        var file = (ModelFile)node;
        Resize(file, cut.Size);
        file.Flush();
        if (file.Writers == 0) file.Seal();
        return Outcome.Done;
    }

    private static void Resize(ModelFile file, int size)
    {
        var bytes = file.Bytes;
        Array.Resize(ref bytes, size);
        file.Change(bytes);
    }

    private Outcome Sync(Fsync sync)
    {
        if (!_slots.TryGetValue(sync.Slot, out var handle)) return new Outcome(Errno.BadHandle);
        if (handle.Node is ModelFile file) file.IsTentative = false;
        return Outcome.Done;
    }
}
