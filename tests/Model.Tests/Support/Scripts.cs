using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using SyncAgent.Model.Tests.Operations;

namespace SyncAgent.Model.Tests.Support;

/// <summary>
/// Runs a property of scripts. Seeds are fixed, so that a run does the same each time; with SYNCAGENT_MODEL_CASES=N there are N
/// cases from seeds by chance. A failure names its seeds and the smallest script that fails; SYNCAGENT_MODEL_REPLAY=SEED,GAMMA runs
/// exactly that case again.
/// </summary>
internal static class Scripts
{
    private const ulong Gamma = 0x9E37_79B9_7F4A_7C15; // odd, as the generator wants it

    public static void Check(Arbitrary<Script> scripts, int series, int cases, Action<Script> run)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay((ulong)series, Gamma);
        if (int.TryParse(Environment.GetEnvironmentVariable("SYNCAGENT_MODEL_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out var many))
        {
            var seed = (ulong)Random.Shared.NextInt64();
            TestContext.Current.TestOutputHelper?.WriteLine($"series {series}: {many} cases from seed {seed},{Gamma}");
            config = Config.QuickThrowOnFailure.WithMaxTest(many).WithReplay(seed, Gamma);
        }

        if (Environment.GetEnvironmentVariable("SYNCAGENT_MODEL_REPLAY")?.Split(',') is [var first, var second])
            config = Config.QuickThrowOnFailure.WithMaxTest(1).WithReplay(ulong.Parse(first, CultureInfo.InvariantCulture), ulong.Parse(second, CultureInfo.InvariantCulture));
        Prop.ForAll(scripts, run).Check(config);
    }
}
