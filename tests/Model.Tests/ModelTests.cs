using SyncAgent.Model.Tests.Operations;
using SyncAgent.Model.Tests.Reference;
using SyncAgent.Model.Tests.Support;
using SyncAgent.Model.Tests.Systems;

namespace SyncAgent.Model.Tests;

/// <summary>Random scripts on the file system and the transfer engine in one process, against the model.</summary>
public sealed class ModelTests
{
    private const int Steps = 30;
    private const int CasesOfEach = 600;

    [Fact]
    public async Task The_drive_holds_what_the_model_holds_whatever_happens_between() =>
        await Task.WhenAll(Task.Run(() => Check(series: 1)), Task.Run(() => Check(series: 2)));

    private static void Check(int series)
    {
        var taken = new Dictionary<string, int>();
        Scripts.Check(OpGenerators.Scripts(Steps, (4, OpGenerators.Calls), (1, OpGenerators.SteppedEvents)), series, CasesOfEach, script =>
        {
            using var drive = new CoreDrive();
            var runner = new ScriptRunner(drive);
            runner.Run(script);
            foreach (var (kind, count) in runner.Taken) taken[kind] = taken.GetValueOrDefault(kind) + count;
        });
        string[] rare = ["Contest", "RemotePut", "RemoteDelete", "Kill", "Work", "Evict"];
        Assert.True(rare.All(kind => taken.GetValueOrDefault(kind) > CasesOfEach / 60), $"these cases prove little: {string.Join(", ", taken)}");
    }
}

/// <summary>The model itself, held against the file system of this machine.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void The_model_is_a_posix_file_system()
    {
        Scripts.Check(OpGenerators.Scripts(80, (1, OpGenerators.Calls)), series: 1, cases: 1000, script =>
        {
            var folder = Directory.CreateTempSubdirectory("syncagent-model-");
            using var posix = new PosixFolder(folder.FullName);
            var model = new ModelTree();
            for (var i = 0; i < script.Ops.Count; i++)
            {
                var call = (Call)script.Ops[i];
                var expected = posix.Answer(call);
                if (model.Answer(call) is { } said && expected.DifferenceFrom(said) is { } difference)
                    throw new MismatchException($"at step {i}, {call}: the machine says {difference}");
            }

            if (TreeReader.Differs(TreeReader.Read(posix), TreeReader.Read(model)) is { } differs) throw new MismatchException($"tree: {differs}");
            folder.Delete(recursive: true);
        });
    }
}
