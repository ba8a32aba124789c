using SyncAgent.Fs.Windows.Tests.Driver;
using SyncAgent.Fs.Windows.Tests.Model;

namespace SyncAgent.Fs.Windows.Tests;

/// <summary>Thousands of operations by chance, through the function table, against the model. SYNCAGENT_TEST_ALL=1 does fifty times as many.</summary>
public sealed class RandomOperationsTests
{
    private const int Steps = 400;

    private static int Walks => Environment.GetEnvironmentVariable("SYNCAGENT_TEST_ALL") == "1" ? 400 : 8;

    [Fact]
    public async Task Windows_programs_see_what_the_model_sees_and_the_bucket_gets_it()
    {
        for (var seed = 1; seed <= Walks; seed++)
        {
            await using var rig = new DriveRig();
            await new RandomWalk(rig, seed).RunAsync(Steps);
        }
    }
}
