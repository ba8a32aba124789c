using System.Text.Json.Nodes;
using SyncAgent.DevStore;
using SyncAgent.Torture.Crash;
using SyncAgent.Torture.Rigs;
using SyncAgent.Torture.Support;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Torture.Chaos;

/// <summary>What an agent takes at the same age of each of its lives.</summary>
internal sealed record Sample(int Life, TimeSpan At, long ResidentBytes, int Descriptors, int Threads);

/// <summary>One run of the mode.</summary>
internal sealed class ChaosRun(TortureContext context, int writers)
{
    private static readonly TimeSpan KillEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SampleAt = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FullEvery = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan FullFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AwayEvery = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AwayFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HangPatience = TimeSpan.FromMinutes(2);

    // Memory may rise while a heap settles; a leak of twenty lives does more than this.
    private const double MemoryMayGrow = 1.5;
    private const int CountMayGrow = 30;

    private readonly List<string> _failures = [];
    private readonly List<Sample> _samples = [];
    private readonly ClosedContents _closed = new();
    private readonly List<Writer> _writers = [];
    private Rig _rig = null!;
    private BucketCheck _bucket = null!;
    private TimeSpan _begun;
    private TimeSpan _nextFull = FullEvery;
    private TimeSpan _nextAway = AwayEvery;

    /// <summary>What was measured.</summary>
    public IReadOnlyList<Sample> Samples => _samples;

    public int Kills { get; private set; }

    public int FullDisks { get; private set; }

    public int Outages { get; private set; }

    public long Faults { get; private set; }

    public long Calls => _writers.Sum(writer => writer.Calls);

    public long Refusals => _writers.Sum(writer => (long)writer.Refusals.Values.Sum());

    public long Compared => _bucket.Compared;

    public long LostUploads => _bucket.LostUploads;

    private TimeSpan Elapsed => context.Elapsed - _begun;

    /// <summary>Medians of the first and of the last third of the lives.</summary>
    public string Trend(Func<Sample, long> of) => Thirds(of) is var (first, last) ? $"{first} and {last}" : "";

    /// <summary>Runs for a time, drains and compares.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(TimeSpan time, CancellationToken stop)
    {
        await using var rig = await Rig.StartAsync(Path.Combine(context.Work, "rig"), context.Agent);
        _rig = rig;
        for (var i = 0; i < writers; i++)
        {
            _writers.Add(new Writer($"w{i}", context.ChanceOf($"writer {i}"), _closed)
            {
                AllowedErrors = new HashSet<int> { Posix.NoSpace, Posix.InputOutput, Posix.TimedOut },
            });
        }

        _bucket = new BucketCheck(rig, _closed, _writers);
        AddFaults();
        _begun = context.Elapsed;
        while (_failures.Count == 0 && Elapsed < time && !stop.IsCancellationRequested) await LiveAsync();
        if (_failures.Count == 0) await DrainAsync();
        JudgeGrowth();
        if (_failures.Count > 0) await rig.KeepAsync(Path.Combine(context.Work, "rig"), $"life {Kills}");
        return _failures;
    }

    private static AgentConfig ConfigOf(Rig rig) => new() { Mount = rig.Drive, StagingReserve = 32 << 20, CacheSize = 64 << 20, ReadCacheSize = 64 << 20 };

    private async Task LiveAsync()
    {
        if (!await _rig.StartAgentAsync(ConfigOf(_rig)))
        {
            _failures.Add($"the agent did not start:\n{_rig.Life!.Log}");
            return;
        }

        using var stop = new CancellationTokenSource();
        var writing = _writers.Select(writer => Task.Factory.StartNew(() => writer.Work(_rig.Drive, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        var trouble = TroubleAsync(stop.Token);
        var sampling = SampleAsync(stop.Token);
        if (await Task.WhenAny(_rig.Life!.Death, Task.Delay(KillEvery, CancellationToken.None)) == _rig.Life.Death) _failures.Add($"the agent died by itself:\n{_rig.Life.Log}");
        await _rig.Life.KillAsync();
        Kills++;
        await stop.CancelAsync();
        var all = Task.WhenAll([.. writing, trouble, sampling]);
        if (await Task.WhenAny(all, Task.Delay(HangPatience, CancellationToken.None)) != all) _failures.Add("a call in the drive did not return after the agent's death");
        else await all;
        _bucket.NoteKnown(JournalCopy.Read(_rig.State).UploadIds);
        _failures.AddRange(_bucket.FindTorn());
        _failures.AddRange(_writers.SelectMany(writer => writer.Failures));
        context.Tell($"life {Kills}: {Calls} calls, {Refusals} refused, {_bucket.Compared} objects compared");
    }

    /// <summary>The disk fills up, the store goes away, each at its time; both end with themselves, over a kill too.</summary>
    private async Task TroubleAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                if (Elapsed > _nextFull)
                {
                    _nextFull += FullEvery;
                    FullDisks++;
                    _rig.Disk.Fill(ConfigOf(_rig).StagingReserve);
                    await Task.Delay(FullFor, CancellationToken.None);
                    _rig.Disk.Empty();
                }

                if (Elapsed > _nextAway)
                {
                    _nextAway += AwayEvery;
                    Outages++;
                    NoteFaults();
                    await _rig.StopStoreAsync();
                    _bucket.TakeLog();
                    await Task.Delay(AwayFor, CancellationToken.None);
                    await _rig.ReturnStoreAsync();
                    AddFaults();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the life is over
        }
    }

    private async Task SampleAsync(CancellationToken stop)
    {
        await Task.Delay(SampleAt, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stop.IsCancellationRequested || _rig.Life!.IsDead) return;
        var (memory, descriptors, threads) = _rig.Life.Measure();
        _samples.Add(new Sample(Kills + 1, Elapsed, memory, descriptors, threads));
    }

    // The rates of the soak of the transfer layer.
    private void AddFaults()
    {
        var rule = new FaultRule { Kind = FaultKind.Error, Bucket = Rig.Bucket, Times = null };
        var faults = _rig.Store.Faults;
        faults.Add(rule with { Probability = 0.03, Seed = 1 });
        faults.Add(rule with { Probability = 0.02, Seed = 2, Status = 500, Code = "InternalError" });
        foreach (var operation in (string[])["PutObject", "UploadPart"])
        {
            faults.Add(rule with { Kind = FaultKind.ResetMidBody, Operation = operation, Probability = 0.02, Seed = 3, AfterBytes = 40 });
            faults.Add(rule with { Kind = FaultKind.CorruptByte, Operation = operation, Probability = operation == "PutObject" ? 0.03 : 0.01, Seed = 4, AfterBytes = 20 });
        }

        faults.Add(rule with { Kind = FaultKind.LoseReply, Probability = 0.01, Seed = 5 });
        faults.Add(rule with { Kind = FaultKind.VanishUpload, Operation = "UploadPart", Probability = 0.01, Seed = 6 });
    }

    private void NoteFaults() => Faults += _rig.Store.Faults.Rules.Sum(rule => (long)rule.Hits);

    private async Task DrainAsync()
    {
        NoteFaults();
        _rig.Store.Faults.Clear();
        _rig.Disk.Empty();
        foreach (var writer in _writers) writer.AllowedErrors = new HashSet<int> { Posix.TimedOut };
        if (!await _rig.StartAgentAsync(ConfigOf(_rig)))
        {
            _failures.Add($"the agent does not start any more:\n{_rig.Life!.Log}");
            return;
        }

        foreach (var writer in _writers.Where(writer => !writer.Finish(_rig.Drive))) _failures.AddRange(writer.Failures.Append($"{writer.Folder} could not be finished"));
        var (code, output) = await _rig.CommandAsync(["wait", "--state", _rig.State, "--timeout", "600"]);
        if (code != 0) _failures.Add($"wait ended with {code}: {output}{(await _rig.CommandAsync(["status", "--state", _rig.State])).Output}");
        var drive = (await ControlApi.TryAskAsync(_rig.State, HttpMethod.Get, "v1/status"))?["drives"]?.AsArray().Single();
        foreach (var gauge in (string[])["pendingBytes", "pendingFolders", "deletesPending", "problemCount"])
        {
            if (drive is not null && (long)drive[gauge]! != 0) _failures.Add($"{gauge} is {(JsonNode?)drive[gauge]}, not 0");
        }

        _bucket.NoteKnown(JournalCopy.Read(_rig.State).UploadIds);
        await _rig.Life!.KillAsync();
        await _rig.WipeAsync();
        _failures.AddRange(_bucket.FindTorn().Concat(_bucket.FindWrong(wiped: true)).ToList());
        if (_rig.Store.Gauges.ActiveRequests > 0) _failures.Add($"{_rig.Store.Gauges.ActiveRequests} requests still run in the store");
    }

    private void JudgeGrowth()
    {
        if (Thirds(sample => sample.ResidentBytes) is var (memory, later) && later > MemoryMayGrow * memory) _failures.Add($"memory grew from {memory >> 20} to {later >> 20} MiB");
        if (Thirds(sample => sample.Descriptors) is var (files, moreFiles) && moreFiles > files + CountMayGrow) _failures.Add($"descriptors grew from {files} to {moreFiles}");
        if (Thirds(sample => sample.Threads) is var (threads, moreThreads) && moreThreads > threads + CountMayGrow) _failures.Add($"threads grew from {threads} to {moreThreads}");
    }

    private (long First, long Last)? Thirds(Func<Sample, long> of)
    {
        var third = _samples.Count / 3;
        if (third == 0) return null;
        return (Median(_samples.Take(third)), Median(_samples.TakeLast(third)));

        long Median(IEnumerable<Sample> samples) => samples.Select(of).Order().ElementAt(third / 2);
    }
}
