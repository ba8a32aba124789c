using FsCheck;
using FsCheck.Fluent;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Model.Tests.Operations;
using SyncAgent.Model.Tests.Support;
using SyncAgent.Model.Tests.Systems;
using Outcome = SyncAgent.Model.Tests.Operations.Outcome;

namespace SyncAgent.Model.Tests;

/// <summary>The same system calls on a mounted drive and on a folder of the machine's own file system: error by error, byte by byte.</summary>
[Collection("mounts")]
public sealed class DifferentialTests
{
    private const int Steps = 400;

    [Fact]
    public async Task A_mounted_drive_answers_every_call_as_the_local_disk_does()
    {
        await using var rig = await Rig.StartAsync();
        await rig.MountAsync(MountedDrive.MountLine(rig));
        await rig.ListAsync();
        var number = 0;

        await Task.Run(() => Scripts.Check(OpGenerators.Scripts(Steps, Kinds(rig)), series: 4, cases: 20, script =>
        {
            var name = $"case-{++number}";
            Run(script, Directory.CreateDirectory(Path.Combine(rig.Work, "plain", name)).FullName, Directory.CreateDirectory(Path.Combine(rig.Drive, name)).FullName);
        }));
        (await rig.WaitAsync()).Expect(0);

        // Uploads that newer content overtook are aborted behind what wait waits for.
        (await Poll.UntilAsync(() => rig.CompareAsync(rig.Drive), report => report.Uploads.Count == 0, "no open upload")).ExpectClean();
        (await rig.CompareAsync(Path.Combine(rig.Work, "plain"))).ExpectClean();
    }

    private static void Run(Script script, string plain, string drive)
    {
        using var expected = new PosixFolder(plain);
        using var found = new PosixFolder(drive);
        var recent = new RecentTimes();
        for (var i = 0; i < script.Ops.Count; i++)
        {
            var call = (Call)script.Ops[i];
            var said = recent.Blur(expected.Answer(call));
            if (recent.Blur(found.Answer(call)).DifferenceFrom(said) is { } difference) throw new MismatchException($"at step {i}, {call}: {difference}");
        }

        if (TreeReader.Differs(recent.Blur(TreeReader.Read(found)), recent.Blur(TreeReader.Read(expected))) is { } differs)
            throw new MismatchException($"tree in the end: {differs}");
    }

    /// <summary>What a drive does not offer at all is documented in docs/semantics.md, and nothing to compare.</summary>
    private static (int Weight, Gen<Op> Op)[] Kinds(Rig rig)
    {
        using var probe = new PosixFolder(rig.Drive);
        probe.Answer(new Open(0, "probe", OpenMode.Read | OpenMode.Write | OpenMode.Create, 0b110_000_000));
        Call[] calls = [new Allocate(0, AllocateKind.Extend, 0, 10), new SetAttribute("probe", "user.one", 1, 10)];
        var offered = calls.Where(call => probe.Answer(call).Errno == 0).Select(call => call.GetType()).ToList();
        probe.Answer(new Unlink("probe"));
        TestContext.Current.TestOutputHelper?.WriteLine($"also compared: {string.Join(", ", offered.Select(type => type.Name))}");
        return
        [
            (20, OpGenerators.Calls),
            (2, OpGenerators.Ranges),
            .. offered.Contains(typeof(Allocate)) ? [(2, OpGenerators.Allocations)] : Array.Empty<(int, Gen<Op>)>(),
            .. offered.Contains(typeof(SetAttribute)) ? [(2, OpGenerators.Attributes)] : Array.Empty<(int, Gen<Op>)>(),
        ];
    }

    /// <summary>Times that a call set to now are not the same on two file systems: they count as the same when both are of this run.</summary>
    private sealed class RecentTimes
    {
        private readonly long _begin = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 2000) * 1_000_000;

        public Outcome Blur(Outcome outcome) => outcome.Status is { } status ? outcome with { Status = Blur(status) } : outcome;

        public SortedDictionary<string, TreeEntry> Blur(SortedDictionary<string, TreeEntry> tree) =>
            new(tree.ToDictionary(pair => pair.Key, pair => pair.Value with { Status = Blur(pair.Value.Status) }), StringComparer.Ordinal);

        // Not null, which would allow any: a time that somebody set long ago is not that of now.
        private NodeStatus Blur(NodeStatus status) => status.ModifyTime is { } time && time >= _begin && time <= (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 1000) * 1_000_000
            ? status with { ModifyTime = -1 }
            : status;
    }
}
