using System.Diagnostics;
using SyncAgent.Torture.Rigs;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Power;

/// <summary>Recovers a state folder with the real program on a real mount, and waits until it says that it is done.</summary>
internal static class RealRecovery
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Recovers and drains.</summary>
    /// <param name="context">The run's.</param>
    /// <param name="state">The state folder as the cut left it.</param>
    /// <param name="drive">Where it is to be mounted: where it was.</param>
    /// <param name="endpoint">The bucket as it was then, at the address that it had.</param>
    public static async Task<Recovered> RunAsync(TortureContext context, string state, string drive, Uri endpoint)
    {
        var trouble = new List<string>();
        await using var agent = await AgentRun.StartAsync(context, endpoint, state, drive);
        var (code, said) = await agent.WaitAsync();

        // 1 is for what needs the user, as interrupted files do; which these may be is checked by name.
        if (code is not (0 or 1)) trouble.Add($"syncagent wait ended with {code}: {said}");
        var names = await LookWhenSettledAsync(state, drive);
        trouble.AddRange(names.Where(name => name.State == "conflict").Select(name => $"conflict at {name.Path}"));
        return new Recovered(names, trouble, new HashSet<string>(), new HashSet<string>());
    }

    // "wait" answers as soon as anything needs somebody, while other files may still be on their way, and so may be the closed content of a
    // file that is interrupted or incomplete.
    private static async Task<List<SeenName>> LookWhenSettledAsync(string state, string drive)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var begun = Stopwatch.GetTimestamp(); ; await timer.WaitForNextTickAsync())
        {
            var names = Directory.EnumerateFileSystemEntries(drive, "*", SearchOption.AllDirectories).Select(path => Look(drive, path)).ToList();
            var mounted = (await ControlApi.TryAskAsync(state, HttpMethod.Get, "v1/status"))?["drives"]?.AsArray().SingleOrDefault();
            var isSettled = mounted is not null && (long)mounted["pendingBytes"]! == 0 && !names.Any(name => name.State is "closing" or "queued" or "uploading");
            if (isSettled || Stopwatch.GetElapsedTime(begun) > Patience) return names;
        }
    }

    private static SeenName Look(string drive, string path)
    {
        var name = Path.GetRelativePath(drive, path);
        return Directory.Exists(path)
            ? new SeenName(name, true, "", [])
            : new SeenName(name, false, Kernel.ReadAttribute(path, "user.syncagent.state") ?? "", File.ReadAllBytes(path));
    }
}
