using System.Diagnostics;
using System.Text;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Rigs;

/// <summary>One life of an agent: from its start to its death or end.</summary>
internal sealed class AgentLife : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource _mounted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly Task _reading;
    private int _toMount;

    private AgentLife(Process process, int drives)
    {
        _process = process;
        _toMount = drives;
        Death = process.WaitForExitAsync();
        _reading = Task.WhenAll(ReadOutputAsync(), ReadErrorsAsync());
    }

    /// <summary>Its process id.</summary>
    public int Pid => _process.Id;

    /// <summary>From the start of the process until its drives were mounted.</summary>
    public TimeSpan MountedAfter { get; private set; }

    /// <summary>Ends when the process has ended.</summary>
    public Task Death { get; }

    /// <summary>Whether it has ended.</summary>
    public bool IsDead => _process.HasExited;

    /// <summary>Its exit code: 137 after SIGKILL.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it said.</summary>
    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    /// <summary>Whether it died at the crash point that it was armed with. Only after its death.</summary>
    public bool ReachedCrashPoint => Log.Contains("SYNCAGENT_CRASH_AT=", StringComparison.Ordinal);

    /// <summary>Starts an agent that stays a child of this process.</summary>
    public static AgentLife Start(string program, string config, IReadOnlyDictionary<string, string> environment, int drives)
    {
        var start = new ProcessStartInfo(program, ["mount", "--config", config, "--foreground"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new AgentLife(Forks.Start(start), drives);
    }

    /// <summary>Returns true when its drives are mounted, false when it died before.</summary>
    public async Task<bool> MountedAsync(TimeSpan patience)
    {
        var first = await Task.WhenAny(_mounted.Task, Death, Task.Delay(patience));
        if (first == _mounted.Task) return true;
        return first == Death ? _mounted.Task.IsCompleted && !_process.HasExited : throw new TimeoutException($"The agent did not mount within {patience.TotalSeconds} s:\n{Log}");
    }

    /// <summary>kill -9; returns when it is gone and all that it said is read.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await Death;
        await _reading;
    }

    /// <summary>Memory, descriptors and threads.</summary>
    public (long ResidentBytes, int Descriptors, int Threads) Measure()
    {
        _process.Refresh();
        return (_process.WorkingSet64, Directory.EnumerateFileSystemEntries($"/proc/{Pid}/fd").Count(), _process.Threads.Count);
    }

    /// <summary>Most memory that it ever had resident, in bytes.</summary>
    public long PeakResidentBytes()
    {
        var line = File.ReadLines($"/proc/{Pid}/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) << 10;
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private async Task ReadOutputAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Note(line);
            if (!line.EndsWith(" is mounted", StringComparison.Ordinal) || --_toMount > 0) continue;
            MountedAfter = Stopwatch.GetElapsedTime(_begun);
            _mounted.TrySetResult();
        }
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line) Note(line);
    }

    private void Note(string line)
    {
        const int Longest = 200_000;
        lock (_log)
        {
            if (_log.Length > Longest) _log.Remove(0, Longest / 2);
            _log.AppendLine(line);
        }
    }
}
