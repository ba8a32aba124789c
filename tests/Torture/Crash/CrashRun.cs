using System.Diagnostics;
using SyncAgent.Torture.Rigs;
using SyncAgent.Torture.Support;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Torture.Crash;

/// <summary>What all rigs of a run count together. Thread-safe.</summary>
internal sealed class CrashCounts
{
    public long RandomKills;
    public long Idle;
    public long Drains;
    public long Wipes;
    public long Compared;
    public long LostUploads;
    public long Calls;
    public long Starts;
    public long StartMilliseconds;
    public long SlowestStartMilliseconds;
}

/// <summary>One machine that dies over and over: some lives, a drain, the bucket compared, and now and then the state folder lost.</summary>
internal sealed class CrashRun(TortureContext context, CrashOptions options, PointTable points, CrashCounts counts, int number)
{
    private const int Writers = 4;
    private const int LivesPerDrain = 8;
    private const int Remembered = 10;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongLife = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan HangPatience = TimeSpan.FromSeconds(60);

    private readonly Random _random = context.ChanceOf($"rig {number}");
    private readonly ClosedContents _closed = new();
    private readonly List<Writer> _writers = [];
    private readonly List<string> _failures = [];
    private Rig _rig = null!;
    private Company _company = null!;
    private BucketCheck _bucket = null!;
    private readonly Queue<string> _lately = new();
    private readonly List<(string Mount, string Prefix)> _sides = [];
    private int _lives;

    /// <summary>Runs until it is told to stop, and drains once more.</summary>
    /// <returns>Broken promises.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(Func<bool> isEnough)
    {
        await using var rig = await Rig.StartAsync(Path.Combine(context.Work, $"rig{number}"), context.Agent);
        _rig = rig;
        _company = new Company(rig, _random, _closed);
        for (var i = 0; i < Writers; i++) _writers.Add(new Writer($"w{i}", context.ChanceOf($"rig {number} writer {i}"), _closed));
        _bucket = new BucketCheck(rig, _closed, _writers);
        await DrainAsync();
        while (_failures.Count == 0 && !isEnough())
        {
            for (var life = 0; life < LivesPerDrain && _failures.Count == 0; life++) await LiveAsync();
            if (_failures.Count == 0) await DrainAsync();
        }

        Interlocked.Add(ref counts.Compared, _bucket.Compared);
        Interlocked.Add(ref counts.LostUploads, _bucket.LostUploads);
        Interlocked.Add(ref counts.Calls, _writers.Sum(writer => writer.Calls));
        if (_failures.Count > 0) await rig.KeepAsync(Path.Combine(context.Work, $"rig{number}"), string.Join('\n', _lately));
        return [.. _failures.Select(failure => $"rig {number}, life {_lives}: {failure}")];
    }

    private async Task LiveAsync()
    {
        _lives++;
        var point = options.Points ? points.Next(_random, options.PerPoint) : default;
        var spice = Spices.Of(point.Name) | (_random.Next(3) == 0 ? Spice.None : Spices.Any(_random));
        if (spice.HasFlag(Spice.DamagedParts)) Damage.DamageParts(_rig.State);
        if (spice.HasFlag(Spice.PowerCut)) Damage.CutPower(_rig.State, _writers);
        if (spice.HasFlag(Spice.Forgetful)) Damage.ForgetFiles(_rig.State, _writers);
        if (spice.HasFlag(Spice.Folding)) Damage.BeginFolding(_rig.State);
        if (spice.HasFlag(Spice.Orphan)) Damage.AddOrphan(_rig.State, _random);
        _company.Trouble(spice);
        if (_lately.Count == Remembered) _lately.Dequeue();
        _lately.Enqueue($"{_lives}: {point.Name ?? "any time"} ({spice})");
        if (spice.HasFlag(Spice.SecondDrive)) _sides.Add((_rig.Other($"side{_lives}"), $"side{_lives}/"));
        var config = ConfigFor(spice);
        foreach (var writer in _writers)
            writer.AllowedErrors = spice.HasFlag(Spice.FullDisk) ? FullErrors : (spice & (Spice.Lossy | Spice.Outage)) != 0 ? AwayErrors : NoErrors;

        var armed = point.Name is null ? null : $"{point.Name}:{point.Time}";
        var isCommand = spice.HasFlag(Spice.ListUploads) && point.Name!.StartsWith("store.ListUploads", StringComparison.Ordinal);
        if (await StartAsync(config, isCommand ? null : armed)) await WorkAsync(spice, config.Mount, isCommand ? armed! : "");
        await _rig.Life!.KillAsync();
        _rig.Disk.Empty();
        _rig.Store.Faults.Clear();

        var journal = JournalCopy.Read(_rig.State);
        _bucket.NoteKnown(journal.UploadIds);
        var reached = isCommand ? _company.TakeCommandDeaths() > 0 : _rig.Life.ReachedCrashPoint;
        if (point.Name is not null) points.Note(point.Name, reached, journal.Pending > 0);
        if (!reached && _rig.Life.ExitCode != Killed) Fail($"the agent ended by itself with {_rig.Life.ExitCode}, armed at {armed}:\n{_rig.Life.Log}");
        if (journal.Pending == 0) Interlocked.Increment(ref counts.Idle);
        else if (!reached || isCommand) Interlocked.Increment(ref counts.RandomKills);
        foreach (var problem in _bucket.FindTorn()) Fail(problem);
        foreach (var problem in _writers.SelectMany(writer => writer.Failures)) Fail($"{problem} (armed at {armed}, {spice})");
    }

    private const int Killed = 137;
    // A folder that was never listed does not keep anybody waiting for a store that is slow to answer.
    private static readonly IReadOnlySet<int> NoErrors = new HashSet<int> { Posix.TimedOut };
    private static readonly IReadOnlySet<int> FullErrors = new HashSet<int> { Posix.NoSpace, Posix.InputOutput, Posix.TimedOut };
    private static readonly IReadOnlySet<int> AwayErrors = new HashSet<int> { Posix.InputOutput, Posix.TimedOut };

    private AgentConfig ConfigFor(Spice spice) => new()
    {
        Mount = spice.HasFlag(Spice.Moved) ? _rig.Other("elsewhere") : _rig.Drive,
        More = spice.HasFlag(Spice.SecondDrive) ? [_sides[^1]] : [],
        Trash = spice.HasFlag(Spice.Trash) ? ".trash/" : null,
        MassDeleteLimit = spice.HasFlag(Spice.MassDelete) ? 1 : 25_000,
    };

    private async Task<bool> StartAsync(AgentConfig config, string? crashAt)
    {
        var mounted = await _rig.StartAgentAsync(config, crashAt, options.Omit);
        if (!mounted) return false;
        var milliseconds = (long)_rig.Life!.MountedAfter.TotalMilliseconds;
        Interlocked.Increment(ref counts.Starts);
        Interlocked.Add(ref counts.StartMilliseconds, milliseconds);
        counts.SlowestStartMilliseconds = Math.Max(counts.SlowestStartMilliseconds, milliseconds);
        return true;
    }

    /// <summary>Everybody works until the agent dies; one that does not die in time is killed.</summary>
    private async Task WorkAsync(Spice spice, string drive, string point)
    {
        const long RoomOnAFullDisk = 2 << 20;
        if (spice.HasFlag(Spice.FullDisk)) _rig.Disk.Fill(new AgentConfig { Mount = drive }.StagingReserve + RoomOnAFullDisk);
        using var stop = new CancellationTokenSource();
        var writing = _writers.Select(writer => Task.Factory.StartNew(() => writer.Work(drive, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        var company = _company.KeepAsync(spice, drive, spice.HasFlag(Spice.SecondDrive) ? _sides[^1].Mount : null, point, stop.Token);
        var patience = spice.HasFlag(Spice.Long) ? LongLife : Shortest + (_random.NextDouble() * TimeSpan.FromSeconds(Math.Max(options.LongestLife.TotalSeconds, _rig.Life!.MountedAfter.TotalSeconds)));
        if (point.Length > 0) await Task.WhenAny(_rig.Life!.Death, UntilCommandDiedAsync(patience));
        else await Task.WhenAny(_rig.Life!.Death, Task.Delay(patience));
        var killing = _rig.Life.KillAsync();
        await stop.CancelAsync();
        await killing;
        var all = Task.WhenAll([.. writing, company]);
        if (await Task.WhenAny(all, Task.Delay(HangPatience)) != all) Fail("a call in the drive did not return within a minute after the agent's death");
        else await all;
    }

    private async Task UntilCommandDiedAsync(TimeSpan atLeast)
    {
        const int Times = 6;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var begun = Stopwatch.GetTimestamp();
        while (_company.CommandDeaths == 0 && Stopwatch.GetElapsedTime(begun) < Times * atLeast) await timer.WaitForNextTickAsync();
    }

    /// <summary>Everything arrives, nothing else is there, and the machine may be lost then.</summary>
    private async Task DrainAsync()
    {
        _rig.Store.Faults.Clear();
        foreach (var writer in _writers) writer.AllowedErrors = NoErrors;
        var config = new AgentConfig { Mount = _rig.Drive, More = [.. _sides] };
        if (!await StartAsync(config, null))
        {
            Fail($"the agent does not start any more:\n{_rig.Life!.Log}");
            return;
        }

        var finished = await Task.WhenAll(_writers.Select(writer => Task.Factory.StartNew(() => writer.Finish(_rig.Drive), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        foreach (var problem in _writers.SelectMany(writer => writer.Failures)) Fail(problem);
        if (_failures.Count > 0) return;
        if (finished.Contains(false))
        {
            Fail($"the agent died while nothing was done to it:\n{_rig.Life!.Log}");
            return;
        }

        await _company.TidyAsync(_rig.Drive, _sides.Select(side => side.Mount));
        var (code, output) = await _rig.CommandAsync(["wait", "--state", _rig.State, "--timeout", $"{options.DrainPatience.TotalSeconds}"]);
        if (code != 0)
        {
            var status = await _rig.CommandAsync(["status", "--state", _rig.State]);
            Fail($"wait ended with {code}: {output}{status.Output}\n{_rig.Life!.Log}");
            return;
        }

        var journal = JournalCopy.Read(_rig.State);
        _bucket.NoteKnown(journal.UploadIds);
        await _rig.Life!.KillAsync();
        Interlocked.Increment(ref counts.Drains);
        _sides.Clear();
        var wipe = _random.Next(2) == 0;
        if (wipe)
        {
            await _rig.WipeAsync();
            Interlocked.Increment(ref counts.Wipes);
        }

        foreach (var problem in _bucket.FindTorn().Concat(_bucket.FindWrong(wipe)).ToList()) Fail(problem);
        if (_rig.Store.Gauges.ActiveRequests > 0) Fail($"{_rig.Store.Gauges.ActiveRequests} requests run in the store although nobody is there");
    }

    private void Fail(string what)
    {
        context.Tell($"rig {number}, life {_lives}: {what.Split('\n')[0]}");
        lock (_failures) _failures.Add(what);
    }
}
