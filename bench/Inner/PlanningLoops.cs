using BenchmarkDotNet.Attributes;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Inner;

/// <summary>What is decided for every file that is sent.</summary>
public class PlanningLoops
{
    private const long Size = 10L << 30;

    private readonly StoreCapabilities _store = new("oss", true, true, 5L << 30, 1L << 30, 100 << 10, 5L << 30, 10_000);
    private readonly TransferOptions _options = new();
    private readonly PlanInput _input = new(new NodeRow { Id = 7, Drive = 1, Parent = 2, Name = "file", Type = NodeType.File, Pending = true, Content = 3 }, "folder/file", ".parking/7");

    [Benchmark(Description = "planning the parts of 10 GiB")]
    public long Parts()
    {
        var plan = PartPlan.For(Size, _options, _store, 16 << 20);
        long bytes = 0;
        for (var number = 1; number <= plan.Count; number++) bytes += plan.LengthOf(number);
        return bytes;
    }

    [Benchmark(Description = "the next step of a changed file")]
    public object Step() => Planner.Next(_input);
}
