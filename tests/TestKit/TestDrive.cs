using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.TestKit;

/// <summary>
/// A state folder with one drive, and the mutations of the file system on it: what Fs.Core enqueues, without Fs.Core.
/// Every change is durable when its method returns.
/// </summary>
public sealed class TestDrive : IDisposable
{
    private readonly bool _ownsFolder;

    public TestDrive(TimeProvider time, string? folder = null, string prefix = "")
    {
        Time = time;
        _ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("syncagent-test-").FullName;
        Journal = JournalStore.Open(Folder);
        Reader = Journal.OpenReader();
        if (Reader.Drives() is [var drive, ..])
        {
            Row = drive;
            return;
        }

        var root = Journal.NewId();
        Row = new DriveRow(Journal.NewId(), root, "oss", "http://localhost", "cn-hangzhou", "bucket", prefix, "/mnt/x");
        Change(writer => writer.AddDrive(Row, Node(root, 0, "", NodeType.Directory) with { Pending = false }));
    }

    public string Folder { get; }

    public TimeProvider Time { get; }

    public JournalStore Journal { get; }

    public JournalReader Reader { get; }

    public DriveRow Row { get; }

    public long Root => Row.Root;

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reproducible bytes that no two seeds share.</summary>
    public static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A node row with the fields that the rest does not matter for.</summary>
    public NodeRow Node(long id, long parent, string name, NodeType type) => new()
    {
        Id = id, Drive = Row?.Id ?? 0, Parent = parent, Name = name, Type = type, Mode = type == NodeType.Directory ? 0x1EDu : 0x1A4u, Uid = 1000, Gid = 1000,
        ModifyTime = 1_700_000_000_123_456_789, Pending = true,
    };

    /// <summary>False where a test needs no durability: commits are much faster then.</summary>
    public bool IsDurable { get; init; } = true;

    public void Change(Action<JournalWriter> mutation)
    {
        var sequence = Journal.Enqueue(mutation);
        if (IsDurable) Journal.CommitDurable(sequence);
        else Journal.WaitCommitted(sequence);
    }

    public long MakeDirectory(string name, long? parent = null) => Add(name, NodeType.Directory, parent, null);

    public long MakeLink(string name, string target, long? parent = null) => Add(name, NodeType.Symlink, parent, target);

    /// <summary>Creates a file and closes it with these bytes.</summary>
    public long MakeFile(string name, byte[] bytes, long? parent = null)
    {
        var id = Journal.NewId();
        Change(writer => writer.PutNode(Node(id, parent ?? Root, name, NodeType.File) with { Pending = false }));
        Write(id, bytes);
        return id;
    }

    /// <summary>Writes a whole new content and closes the file. Returns the generation.</summary>
    public long Write(long node, byte[] bytes, bool knowsCrc = true)
    {
        var generation = Open(node);
        Seal(node, generation, bytes, knowsCrc);
        return generation;
    }

    /// <summary>Opens a file for writing from nothing. Returns the open generation.</summary>
    public long Open(long node)
    {
        var id = Journal.NewId();
        var generation = new Generation { Id = id, Node = node, Staging = StagingFolder.NewName(), State = GenerationState.Open };
        StagingFile.Create(Journal.Files.FileOf(generation.Staging)).Dispose();
        Change(writer => writer.BeginGeneration(generation));
        return id;
    }

    /// <summary>Writes the open generation's bytes and closes it.</summary>
    public void Seal(long node, long generation, byte[] bytes, bool knowsCrc = true)
    {
        using (var file = StagingOf(generation)) RandomAccess.Write(file, bytes, 0);
        ulong? crc = knowsCrc ? Crc64.Compute(bytes) : null;
        Change(writer => writer.SealGeneration(generation, bytes.Length, crc, node, 1_700_000_001_000_000_000, 1_700_000_001_000_000_000, Now));
    }

    /// <summary>Changes a closed file in place and closes it again: an overlay over its content, as the file system makes it. An overlay
    /// that lies below is made one file with its base before. Returns the generation.</summary>
    public long Overlay(long node, Action<OverlayWriter> change)
    {
        JoinBase(node);
        var lower = Reader.Generation(Reader.Node(node)!.Content!.Value)!;
        var generation = new Generation
        {
            Id = Journal.NewId(), Node = node, Staging = StagingFolder.NewName(), State = GenerationState.Open, Base = BaseKind.Local,
            BaseGeneration = lower.Id, BaseSize = lower.Size,
        };
        Change(writer => writer.BeginGeneration(generation));
        long size;
        using (var file = StagingFile.Create(Journal.Files.FileOf(generation.Staging)))
        using (var log = ExtentLog.Create(Journal.Files.MapOf(generation.Staging), lower.Size))
        {
            change(new OverlayWriter(file, log));
            size = log.Map.Size;
        }

        Change(writer => writer.SealGeneration(generation.Id, size, null, node, 1_700_000_002_000_000_000, 1_700_000_002_000_000_000, Now));
        return generation.Id;
    }

    /// <summary>Makes one file of a content and the local base below it, or copies what is missing while the base is being sent.</summary>
    public void JoinBase(long node)
    {
        if (Reader.Content(Reader.Node(node)!.Content!.Value) is not { Generation.Base: BaseKind.Local } source) return;
        if (Folding.TryFold(Journal, source)) return;
        using (var reader = ContentReader.Open(Journal.Files, source))
        using (var from = StagingFile.OpenForReading(Journal.Files.FileOf(source.BaseStaging!)))
        using (var to = StagingFile.OpenForWriting(Journal.Files.FileOf(source.Generation.Staging)))
        {
            foreach (var piece in reader.Map!.Pieces(reader.Size).Where(piece => piece.Owner == ExtentOwner.Base))
                FileRanges.Copy(from, to, piece.Start, piece.Length);
            RandomAccess.SetLength(to, reader.Size);
        }

        Change(writer => writer.DetachBase(source.Generation.Id));
    }

    /// <summary>The bytes of a sealed content.</summary>
    public byte[] ReadContent(long generation)
    {
        using var reader = ContentReader.Open(Journal.Files, Reader.Content(generation)!);
        var bytes = new byte[reader.Size];
        if (reader.Read(0, bytes) != bytes.Length) throw new InvalidOperationException("too short");
        return bytes;
    }

    /// <summary>Closes a partial overwrite of the object in the bucket: an overlay with one range of its own.</summary>
    public long WriteOver(long node, long offset, byte[] bytes, long size)
    {
        var remote = Reader.Node(node)!.Remote!;
        var generation = new Generation
        {
            Id = Journal.NewId(), Node = node, Staging = StagingFolder.NewName(), State = GenerationState.Open, Base = BaseKind.Remote,
            BaseKey = remote.Key, BaseETag = remote.ETag, BaseSize = remote.Size,
        };
        using (var file = StagingFile.Create(Journal.Files.FileOf(generation.Staging))) RandomAccess.Write(file, bytes, offset);
        using (var log = ExtentLog.Create(Journal.Files.MapOf(generation.Staging), remote.Size)) log.Add(offset, offset + bytes.Length);
        Change(writer => writer.BeginGeneration(generation));
        Change(writer => writer.SealGeneration(generation.Id, size, null, node, 1_700_000_002_000_000_000, 1_700_000_002_000_000_000, Now));
        return generation.Id;
    }

    public void Rename(long node, string name, long? parent = null)
    {
        var to = parent ?? Reader.Node(node)!.Parent;
        Change(writer =>
        {
            writer.MoveNode(node, to, name, 0, Now);
            writer.MarkConfirmedBelow(node, Now);
        });
    }

    public void Exchange(long a, long b)
    {
        var (rowA, rowB) = (Reader.Node(a)!, Reader.Node(b)!);
        Change(writer =>
        {
            writer.UnnameNode(a);
            writer.MoveNode(b, rowA.Parent, rowA.Name, 0, Now);
            writer.MoveNode(a, rowB.Parent, rowB.Name, 0, Now);
            writer.MarkConfirmedBelow(a, Now);
            writer.MarkConfirmedBelow(b, Now);
        });
    }

    public void Remove(long node) => Change(writer => writer.RemoveNode(node, null, Now));

    public void Chmod(long node, uint mode) => Change(writer => writer.SetAttributes(node, mode, 1000, 1000, 0, 1_700_000_003_000_000_000, 0, true, Now));

    public IEnumerable<long> Descendants(long node)
    {
        foreach (var child in Reader.Children(node))
        {
            yield return child.Id;
            foreach (var below in Descendants(child.Id)) yield return below;
        }
    }

    /// <summary>Opens the staging file of a generation, e.g. to damage it.</summary>
    public SafeFileHandle StagingOf(long generation) =>
        StagingFile.OpenForWriting(Journal.Files.FileOf(Reader.Generation(generation)!.Staging));

    /// <summary>Runs SQL on the journal behind its back, as a damaged disk would.</summary>
    public void Tamper(string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(Folder, "journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (command.ExecuteNonQuery() == 0) throw new InvalidOperationException($"changed nothing: {sql}");
    }

    public GroupCommitter StartGroupCommitter() => new(Journal, Time, NullLogger.Instance);

    public void Dispose()
    {
        Journal.Dispose();
        if (_ownsFolder) Directory.Delete(Folder, recursive: true);
    }

    private long Add(string name, NodeType type, long? parent, string? target)
    {
        var id = Journal.NewId();
        Change(writer => writer.PutNode(Node(id, parent ?? Root, name, type) with { Target = target }));
        return id;
    }
}

/// <summary>Writes into an overlay.</summary>
public sealed class OverlayWriter(SafeFileHandle file, ExtentLog log)
{
    public void Write(long offset, byte[] bytes)
    {
        RandomAccess.Write(file, bytes, offset);
        log.Add(offset, offset + bytes.Length);
    }

    public void Truncate(long size)
    {
        log.Truncate(size);
        if (RandomAccess.GetLength(file) > size) RandomAccess.SetLength(file, size);
    }
}
