using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Model.Tests.Operations;
using SyncAgent.Model.Tests.Support;
using SyncAgent.Model.Tests.Systems;

namespace SyncAgent.Model.Tests;

/// <summary>Random scripts on a real mount, against the model: each in a folder of its own. Alone among the tests that mount: starting
/// a process closes what it inherits.</summary>
[Collection("mounts")]
public sealed class MountedModelTests
{
    private const int Steps = 30;

    [Fact]
    public async Task The_mounted_drive_holds_what_the_model_holds_whatever_happens_between()
    {
        await using var rig = await Rig.StartAsync();
        await rig.MountAsync(MountedDrive.MountLine(rig));
        await rig.ListAsync();
        var number = 0;
        var taken = new Dictionary<string, int>();

        // On threads of their own: system calls on a mount block.
        await Task.Run(() => Scripts.Check(OpGenerators.Scripts(Steps, (14, OpGenerators.Calls), (1, OpGenerators.MountedEvents)), series: 3, cases: 50, script =>
        {
            using var drive = new MountedDrive(rig, $"case-{++number}");
            var runner = new ScriptRunner(drive);
            runner.Run(script);
            foreach (var (kind, count) in runner.Taken) taken[kind] = taken.GetValueOrDefault(kind) + count;
        }));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", taken.OrderBy(pair => pair.Key)));
    }
}
