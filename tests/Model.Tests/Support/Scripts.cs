using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Model.Tests.Operations;

namespace SyncAgent.Model.Tests.Support;

/// <summary>
/// Runs a property of scripts. Seeds are fixed, so that a run does the same each time; <c>test.sh --all</c> takes many more cases,
/// and seeds by chance. A failure names its seeds and the smallest script that fails: SYNCAGENT_MODEL_REPLAY=SEED,GAMMA begins
/// with them.
/// </summary>
internal static class Scripts
{
    private const ulong Gamma = 0x9E37_79B9_7F4A_7C15; // odd, as the generator wants it
    private const int TimesInLongRuns = 20;

    public static void Check(Arbitrary<Script> scripts, int series, int cases, Action<Script> run)
    {
        var (seed, gamma) = ((ulong)series, Gamma);
        if (Places.Full) (seed, cases) = ((ulong)Random.Shared.NextInt64(), cases * TimesInLongRuns);
        if (Environment.GetEnvironmentVariable("SYNCAGENT_MODEL_REPLAY")?.Split(',') is [var first, var second])
            (seed, gamma) = (ulong.Parse(first, CultureInfo.InvariantCulture), ulong.Parse(second, CultureInfo.InvariantCulture));
        TestContext.Current.TestOutputHelper?.WriteLine($"{cases} cases from seed {seed},{gamma}");
        Prop.ForAll(scripts, run).Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(seed, gamma));
    }
}
