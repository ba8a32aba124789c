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
        Change(writer => writer.SealGeneration(generation, bytes.Length, crc, node, 1_700_000_001_000_000_000, Now));
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
        Change(writer => writer.SealGeneration(generation.Id, size, null, node, 1_700_000_002_000_000_000, Now));
        return generation.Id;
    }

    public void Rename(long node, string name, long? parent = null)
    {
        var to = parent ?? Reader.Node(node)!.Parent;
        var below = Descendants(node).ToList();
        Change(writer =>
        {
            writer.MoveNode(node, to, name, 0, Now);
            foreach (var id in below) writer.MarkPending(id, Now);
        });
    }

    public void Exchange(long a, long b)
    {
        var (rowA, rowB) = (Reader.Node(a)!, Reader.Node(b)!);
        var below = Descendants(a).Concat(Descendants(b)).ToList();
        Change(writer =>
        {
            writer.UnnameNode(a);
            writer.MoveNode(b, rowA.Parent, rowA.Name, 0, Now);
            writer.MoveNode(a, rowB.Parent, rowB.Name, 0, Now);
            foreach (var id in below) writer.MarkPending(id, Now);
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
