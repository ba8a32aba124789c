using SyncAgent.DevStore;
using SyncAgent.Journal;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Power;

/// <summary>A workload on a real drive whose state folder is on a logged disk: what was done, what was acknowledged, what the bucket became
/// and what the disk was told, until the moment when everything is stopped.</summary>
internal sealed record Recording(
    string Folder, string StartImage, string Image, string LogPath, long Length, BucketHistory Bucket, IReadOnlyList<History> Histories,
    TimeSpan LongestClosing) : IAsyncDisposable
{
    /// <summary>Where the drive was mounted.</summary>
    public string Drive => DriveOf(Folder);

    /// <summary>Name of the state folder on the disk.</summary>
    public const string StateName = "state";

    private const int SlowBytesPerSecond = 3 << 20;

    /// <summary>Works for a while and stops everything at once.</summary>
    /// <param name="context">The run's.</param>
    /// <param name="seed">All chance.</param>
    /// <param name="folder">An empty folder, best in memory.</param>
    /// <param name="duration">How long the actors work.</param>
    /// <param name="omission">A step that the agent leaves out, or null.</param>
    public static async Task<Recording> MakeAsync(TortureContext context, int seed, string folder, TimeSpan duration, string? omission)
    {
        await using var disk = await LoggedDisk.MakeAsync(folder);
        var bucket = await BucketHistory.StartAsync(folder, disk);
        try
        {
            (string, string)[] environment = [(MachineBoot.Variable, "before-the-cut"), .. omission is null ? [] : (ReadOnlySpan<(string, string)>)[(CrashPoints.OmissionVariable, omission)]];
            var drive = Directory.CreateDirectory(DriveOf(folder)).FullName;
            await using var agent = await AgentRun.StartAsync(context, bucket.Server.Endpoint, Path.Combine(disk.Mount, StateName), drive, environment);
            var actors = ActorsOf(seed, drive, disk);
            await WorkAsync(actors, bucket.Server.Faults, new Random(seed), duration);
            var length = disk.Position;
            await agent.KillAsync();
            await bucket.Server.StopAsync();
            await disk.DisposeAsync();
            return new Recording(
                folder, disk.StartImage, disk.Image, disk.LogPath, length, bucket, [.. actors.Select(actor => actor.History)], actors.Max(actor => actor.LongestClosing));
        }
        catch
        {
            await bucket.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Bucket.DisposeAsync();

    private static string DriveOf(string folder) => Path.Combine(folder, "drive");

    private static IReadOnlyList<Actor> ActorsOf(int seed, string drive, LoggedDisk disk)
    {
        var chance = new Random(seed);
        return
        [
            new Saver("saver", drive, disk, new Random(chance.Next())),
            new Saver("saver2", drive, disk, new Random(chance.Next())),
            new Editor("editor", drive, disk, new Random(chance.Next()), files: 3, smallest: 60_000, largest: 200_000),
            new Editor("large", drive, disk, new Random(chance.Next()), files: 2, smallest: 600_000, largest: 1_500_000),
            new Mover("mover", drive, disk, new Random(chance.Next())),
            new Logger("logger", drive, disk, new Random(chance.Next())),
        ];
    }

    // The store is slow at times, so that uploads are half way, and away for a while.
    private static async Task WorkAsync(IReadOnlyList<Actor> actors, FaultPlan faults, Random chance, TimeSpan duration)
    {
        using var stop = new CancellationTokenSource();
        var working = actors.Select(actor => Task.Factory.StartNew(() => actor.Run(stop.Token), TaskCreationOptions.LongRunning)).ToList();
        var away = new FaultRule { Kind = FaultKind.Error, Times = null };
        for (var quarter = 0; quarter < 4 && !working.Any(work => work.IsFaulted); quarter++)
        {
            faults.ServerBytesPerSecond = chance.Next(2) == 0 ? SlowBytesPerSecond : 0;
            var fault = quarter == 2 ? faults.Add(away) : null;
            await Task.WhenAny(Task.Delay(duration / 4), Task.WhenAny(working));
            if (fault is not null) faults.Remove(fault);
        }

        await stop.CancelAsync();
        await Task.WhenAll(working);
    }
}
