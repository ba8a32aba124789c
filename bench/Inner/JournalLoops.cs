using BenchmarkDotNet.Attributes;
using SyncAgent.Journal;
using SyncAgent.TestKit;

namespace SyncAgent.Inner;

/// <summary>Commits of the journal on the disk of the folder for temporary files.</summary>
public class JournalLoops : IDisposable
{
    private const int Batch = 100;

    private TestDrive _drive = null!;
    private int _names;

    [GlobalSetup]
    public void Open() => _drive = new TestDrive(TimeProvider.System);

    [GlobalCleanup]
    public void Dispose()
    {
        _drive.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Description = "committing a new file's row")]
    public void Commit() => _drive.Journal.Commit(writer => writer.PutNode(NewNode()));

    [Benchmark(Description = "committing a row, 100 at once", OperationsPerInvoke = Batch)]
    public void CommitMany()
    {
        for (var i = 1; i < Batch; i++) _drive.Journal.Enqueue(writer => writer.PutNode(NewNode()));
        Commit();
    }

    [Benchmark(Description = "committing a row that survives a power cut")]
    public void CommitDurable() => _drive.Journal.CommitDurable(_drive.Journal.Enqueue(writer => writer.PutNode(NewNode())));

    private NodeRow NewNode() => _drive.Node(_drive.Journal.NewId(), _drive.Root, $"file {++_names}", NodeType.File);
}
