using SyncAgent.Fs.Windows.Tests.Driver;
using SyncAgent.Fs.Windows.Tests.Model;

namespace SyncAgent.Fs.Windows.Tests;

/// <summary>Thousands of operations by chance, through the function table, against the model. SYNCAGENT_TEST_ALL=1 does fifty times as many.</summary>
public sealed class RandomOperationsTests
{
    private const int Steps = 400;
    private const int Threads = 4;

    private static int Walks => Environment.GetEnvironmentVariable("SYNCAGENT_TEST_ALL") == "1" ? 300 : 6;

    [Fact]
    public async Task Windows_programs_see_what_the_model_sees_and_the_bucket_gets_it()
    {
        for (var seed = 1; seed <= Walks; seed++)
        {
            await using var rig = new DriveRig();
            var walk = new RandomWalk(rig.Driver, seed);
            walk.Run(Steps);
            Assert.Equal(0, rig.Mount.OpenFiles);
            await rig.Core.PublishAsync();
            walk.Check(rig.Core.Bucket);
        }
    }

    [Fact]
    public async Task Programs_that_run_at_once_do_not_disturb_each_other()
    {
        for (var round = 0; round < Math.Max(1, Walks / Threads); round++)
        {
            await using var rig = new DriveRig();
            var walks = new List<RandomWalk>();
            for (var i = 0; i < Threads; i++)
            {
                rig.MakeFolder($"\\program{i}");
                walks.Add(new RandomWalk(rig.Driver, 1000 + (round * Threads) + i, $"\\program{i}"));
            }

            await Task.WhenAll(walks.Select(walk => Task.Factory.StartNew(
                () => walk.Run(Steps), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.Equal(0, rig.Mount.OpenFiles);
            await rig.Core.PublishAsync();
            foreach (var walk in walks) walk.Check(rig.Core.Bucket);
        }
    }
}
