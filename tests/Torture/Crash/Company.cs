using SyncAgent.DevStore;
using SyncAgent.Torture.Rigs;
using SyncAgent.Torture.Support;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Torture.Crash;

/// <summary>Who acts beside the writers in a life: a faulty store, another client of the bucket, users with their own habits. What they do is
/// in folders of their own, of which only is checked that nothing torn stands there.</summary>
internal sealed class Company(Rig rig, Random random, ClosedContents closed)
{
    /// <summary>Folders of the drive that are theirs.</summary>
    public static readonly IReadOnlyList<string> Folders = ["again", "foreign", "held", "mass", "pins", "poison"];

    private const int SlowestBytesPerSecond = 1 << 20;
    private const int FastestBytesPerSecond = 24 << 20;
    private const int ClientError = 400;
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LongAway = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan ChangeAgain = TimeSpan.FromMilliseconds(150);

    private int _round;

    /// <summary>What the store does wrong from now on.</summary>
    public void Trouble(Spice spice)
    {
        rig.Store.Faults.Clear();
        if (spice.HasFlag(Spice.Slow)) rig.Store.Faults.ServerBytesPerSecond = SlowestBytesPerSecond + random.Next(FastestBytesPerSecond);
        if (spice.HasFlag(Spice.Poison)) rig.Store.Faults.Add(Rule(FaultKind.Error) with { Key = AgentConfig.Prefix + "poison/f*", Operation = "PutObject", Status = ClientError, Code = "InvalidArgument", Probability = 1 });
        if (!spice.HasFlag(Spice.Lossy)) return;
        foreach (var operation in (string[])["PutObject", "InitiateMultipartUpload", "CompleteMultipartUpload", "UploadPart", "CopyObject", "DeleteObject", "DeleteMultipleObjects"])
            rig.Store.Faults.Add(Rule(FaultKind.LoseReply) with { Operation = operation });
        rig.Store.Faults.Add(Rule(FaultKind.Error));
        rig.Store.Faults.Add(Rule(FaultKind.ResetMidBody) with { AfterBytes = 1000, Probability = 0.05 });
        rig.Store.Faults.Add(Rule(FaultKind.VanishUpload) with { Operation = "UploadPart", Probability = 0.02 });
        rig.Store.Faults.Add(Rule(FaultKind.CorruptByte) with { Operation = "PutObject", Key = AgentConfig.Prefix + "w*", Probability = 0.03 });
    }

    /// <summary>Keeps everybody busy until the life ends.</summary>
    public Task KeepAsync(Spice spice, string drive, string? side, string point, CancellationToken stop)
    {
        _round++;
        var all = new List<Task>();
        if (spice.HasFlag(Spice.Outage)) all.Add(RepeatAsync(OutageAsync, stop));
        if (spice.HasFlag(Spice.Poison)) all.Add(RepeatAsync(() => PoisonAsync(drive), stop));
        if (spice.HasFlag(Spice.Foreign)) all.Add(RepeatAsync(() => ForeignAsync(drive), stop));
        if (spice.HasFlag(Spice.MassDelete)) all.Add(RepeatAsync(() => MassDeleteAsync(side ?? drive, mayRestore: side is not null), stop));
        if (spice.HasFlag(Spice.Pins)) all.Add(RepeatAsync(() => PinAsync(drive), stop));
        if (spice.HasFlag(Spice.Holds)) all.Add(RepeatAsync(() => HoldAsync(drive), stop));
        if (spice.HasFlag(Spice.Again)) all.Add(RepeatAsync(() => WriteAgainAsync(drive), stop));
        if (spice.HasFlag(Spice.ListUploads)) all.Add(RepeatAsync(() => ListUploadsAsync(drive, point), stop));
        return Task.WhenAll(all);
    }

    /// <summary>Deaths of commands, not of the agent, since the last question.</summary>
    public int CommandDeaths { get; private set; }

    /// <summary>Takes back the count of <see cref="CommandDeaths"/>.</summary>
    public int TakeCommandDeaths()
    {
        var count = CommandDeaths;
        CommandDeaths = 0;
        return count;
    }

    /// <summary>Leaves nothing that needs somebody in any drive, and lays in what the next rounds remove.</summary>
    public async Task TidyAsync(string drive, IEnumerable<string> sides)
    {
        foreach (var place in sides.Prepend(drive)) await Tool.TryRunAsync("rm", ["-rf", .. Folders.Select(folder => Path.Combine(place, folder))]);
        // What a life with a low limit was not allowed to delete waits for this, whatever the limit is now.
        await ControlApi.TryAskAsync(rig.State, HttpMethod.Post, "v1/deletes/confirm");
        Directory.CreateDirectory(Path.Combine(drive, "mass"));
        for (var i = 0; i < 5; i++) File.WriteAllBytes(Path.Combine(drive, "mass", $"m{i}"), NewBytes(2000));
    }

    private static FaultRule Rule(FaultKind kind) => new() { Kind = kind, Bucket = Rig.Bucket, Times = null, Probability = 0.08 };

    private byte[] NewBytes(int atMost)
    {
        var bytes = new byte[random.Next(atMost)];
        random.NextBytes(bytes);
        closed.Add(Item.File(bytes));
        return bytes;
    }

    private static async Task RepeatAsync(Func<Task> action, CancellationToken stop)
    {
        await Task.Yield();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await action();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException)
            {
                // The drive died, the store is away, or a name went meanwhile: what these do is not checked one by one.
            }

            await pause.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task OutageAsync()
    {
        var away = rig.Store.Faults.Add(Rule(FaultKind.Error) with { Probability = 1 });
        await Task.Delay(random.Next(2) == 0 ? Away : LongAway);
        rig.Store.Faults.Remove(away);
        await Task.Delay(Away);
    }

    private async Task PoisonAsync(string drive)
    {
        Directory.CreateDirectory(Path.Combine(drive, "poison"));
        File.WriteAllBytes(Path.Combine(drive, "poison", $"f{random.Next(4)}"), NewBytes(500));
        await Task.Delay(Away);
        await ControlApi.TryAskAsync(rig.State, HttpMethod.Post, "v1/retry");
    }

    /// <summary>Objects that others wrote, in folders that are only prefixes; some are changed and taken away again behind the drive's back.</summary>
    private async Task ForeignAsync(string drive)
    {
        var place = $"foreign/n{_round}.{random.Next(3)}";
        var name = $"{place}/a{random.Next(3)}";
        await rig.Client.PutAsync(AgentConfig.Prefix + name, NewBytes(200_000));
        await ControlApi.TryAskAsync(rig.State, HttpMethod.Post, $"v1/refresh?recursive=true&path={Uri.EscapeDataString(drive)}");
        var file = Path.Combine(drive, name);
        switch (random.Next(9))
        {
            case 0: Posix.ReadAll(file); break;
            case 1: Posix.ChangeOwner(file, 1000, 1000); break;
            case 2:
                Posix.ChangeMode(file, 0b110_000_000);
                break;
            case 3 or 7 or 8:
                foreach (var entry in Directory.EnumerateFiles(Path.Combine(drive, place))) File.Delete(entry);
                break;
            case 4:
                // Removed there, renamed here.
                Posix.ReadAll(file);
                await rig.Client.DeleteAsync(AgentConfig.Prefix + name);
                Posix.Rename(file, file + ".moved");
                break;
            case 5:
                // Changed on both sides: both are kept.
                Posix.ReadAll(file);
                await rig.Client.PutAsync(AgentConfig.Prefix + name, NewBytes(1000));
                File.WriteAllBytes(file, NewBytes(1000));
                break;
            case 6:
                // A file of ours, synced, that another program replaces or removes.
                File.WriteAllBytes(file + ".ours", NewBytes(3000));
                await Task.Delay(Away);
                if (random.Next(2) == 0) await rig.Client.DeleteAsync(AgentConfig.Prefix + name + ".ours");
                else await rig.Client.PutAsync(AgentConfig.Prefix + name + ".ours", NewBytes(1000));
                await ControlApi.TryAskAsync(rig.State, HttpMethod.Post, $"v1/refresh?recursive=true&path={Uri.EscapeDataString(drive)}");
                break;
        }
    }

    /// <summary>Removals are taken back only where nobody else removes anything: it takes back all of a drive.</summary>
    private async Task MassDeleteAsync(string drive, bool mayRestore)
    {
        var folder = Path.Combine(drive, "mass");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(folder)) File.Delete(file);
        await Task.Delay(Away);
        await ControlApi.TryAskAsync(rig.State, HttpMethod.Post, $"v1/deletes/{(mayRestore && random.Next(2) == 0 ? "restore" : "confirm")}?mount={Uri.EscapeDataString(drive)}");
        for (var i = 0; i < 5; i++) File.WriteAllBytes(Path.Combine(folder, $"m{i}"), NewBytes(2000));
        await Task.Delay(Away);
    }

    private async Task PinAsync(string drive)
    {
        var folder = Directory.CreateDirectory(Path.Combine(drive, "pins", $"p{_round}.{random.Next(100)}")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "f"), NewBytes(1000));
        await ControlApi.TryAskAsync(rig.State, HttpMethod.Put, $"v1/pins?path={Uri.EscapeDataString(folder)}");
        Posix.Rename(folder, folder + ".moved");
        await ControlApi.TryAskAsync(rig.State, HttpMethod.Delete, $"v1/pins?path={Uri.EscapeDataString(folder + ".moved")}");
    }

    private async Task HoldAsync(string drive)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(drive, "held")).FullName, $"h{random.Next(4)}");
        File.WriteAllBytes(file, NewBytes(random.Next(3) == 0 ? 4 << 20 : 3000));
        await ControlApi.TryAskAsync(rig.State, HttpMethod.Post, $"v1/{(random.Next(2) == 0 ? "pause" : "cancel")}?path={Uri.EscapeDataString(file)}");
        if (random.Next(2) == 0) await Task.Delay(Away);
        if (random.Next(3) != 0) await ControlApi.TryAskAsync(rig.State, HttpMethod.Post, $"v1/resume?path={Uri.EscapeDataString(Path.GetDirectoryName(file)!)}");
    }

    /// <summary>All are open at once, as soon as the drive is there: what was torn below them is looked at at the same time. Then they are changed in the
    /// middle, over and over, while what they were before is on its way.</summary>
    private async Task WriteAgainAsync(string drive)
    {
        var folder = Directory.CreateDirectory(Path.Combine(drive, "again")).FullName;
        var open = new List<(int File, string Path)>();
        try
        {
            for (var i = 0; i < 4; i++)
            {
                var path = Path.Combine(folder, $"f{i}");
                open.Add((Posix.Open(path, Posix.WriteOnly | Posix.Create | Posix.Cut), path));
            }

            foreach (var (file, path) in open) Posix.WriteAt(file, NewBytes(2 << 20), 0, path);
        }
        finally
        {
            foreach (var (file, _) in open) Posix.Abandon(file);
        }

        for (var round = 0; round < 8; round++)
        {
            await Task.Delay(ChangeAgain);
            foreach (var (_, path) in open) ChangeInside(path);
        }
    }

    private void ChangeInside(string path)
    {
        var bytes = Posix.ReadAll(path);
        if (bytes.Length < 2) return;
        var at = random.Next(bytes.Length / 2);
        var change = new byte[1 + random.Next(bytes.Length / 2)];
        random.NextBytes(change);
        change.CopyTo(bytes, at);
        closed.Add(Item.File(bytes));
        Forks.Without(() =>
        {
            var file = Posix.Open(path, Posix.WriteOnly);
            try
            {
                Posix.WriteAt(file, change, at, path);
            }
            finally
            {
                Posix.Abandon(file);
            }
        });
    }

    private async Task ListUploadsAsync(string drive, string point)
    {
        var (_, output) = await rig.CommandAsync(["uploads", "list", "--state", rig.State, "--drive", drive], point);
        if (output.Contains("SYNCAGENT_CRASH_AT=", StringComparison.Ordinal)) CommandDeaths++;
    }
}
