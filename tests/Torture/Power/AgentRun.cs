using System.Diagnostics;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Power;

/// <summary>A real agent with one drive, as a child process.</summary>
internal sealed class AgentRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _agent;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string _state;
    private readonly Process _process;
    private readonly Task<string> _errors;
    private bool _ended;

    private AgentRun(string agent, IReadOnlyDictionary<string, string> environment, string state, string drive, Process process)
    {
        _agent = agent;
        _environment = environment;
        _state = state;
        _process = process;
        Drive = drive;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Where the drive is mounted.</summary>
    public string Drive { get; }

    /// <summary>Mounts a drive and lists it once.</summary>
    /// <param name="context">The run's.</param>
    /// <param name="endpoint">The store.</param>
    /// <param name="state">State folder.</param>
    /// <param name="drive">Mount point.</param>
    /// <param name="more">More of its environment.</param>
    public static async Task<AgentRun> StartAsync(TortureContext context, Uri endpoint, string state, string drive, params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string>
        {
            ["OSS_ACCESS_KEY_ID"] = BucketHistory.KeyId,
            ["OSS_ACCESS_KEY_SECRET"] = BucketHistory.Secret,
            ["XDG_RUNTIME_DIR"] = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(drive)!, "run")).FullName,
        };
        foreach (var (name, value) in more) environment[name] = value;
        string[] line =
        [
            "mount", drive, "--store", "oss", "--endpoint", endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou", "--bucket", BucketHistory.Bucket,
            "--state", state, "--foreground", "--debounce", "0.1", "--multipart-threshold", "256KiB", "--part-size", "100KiB",
        ];
        var process = Start(context.Agent, line, environment);
        var run = new AgentRun(context.Agent, environment, state, drive, process);
        try
        {
            while (await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } said)
            {
                if (!said.EndsWith("is mounted", StringComparison.Ordinal)) continue;
                await run.ListAsync();
                return run;
            }

            throw new IOException($"the agent did not mount: {await run._errors}");
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    // A folder that was never listed is no place to work in while the store is slow: the first listing is asked for until it comes.
    private async Task ListAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                _ = Directory.GetFileSystemEntries(Drive);
                return;
            }
            catch (IOException) when (!patience.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary><c>syncagent wait</c>; its exit code and what it said.</summary>
    public async Task<(int Code, string Said)> WaitAsync()
    {
        using var wait = Start(_agent, ["wait", "--state", _state, "--timeout", "60"], _environment);
        var said = wait.StandardOutput.ReadToEndAsync();
        var errors = wait.StandardError.ReadToEndAsync();
        await wait.WaitForExitAsync().WaitAsync(2 * Patience);
        return (wait.ExitCode, await said + await errors);
    }

    /// <summary>kill -9, and takes the dead mount away. Returns what the agent said.</summary>
    public async Task<string> KillAsync()
    {
        if (_ended) return "";
        _ended = true;
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        if (File.ReadLines("/proc/mounts").Any(mount => mount.Split(' ')[1] == Drive)) Kernel.Detach(Drive);
        var said = await _errors;
        _process.Dispose();
        return said;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await KillAsync();

    private static Process Start(string program, IEnumerable<string> line, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, line) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
