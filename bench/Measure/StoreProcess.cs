using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;

namespace SyncAgent.Bench.Measure;

/// <summary>What lies between the contenders and the store.</summary>
/// <param name="BytesPerSecond">What the link lets through; 0 for no limit.</param>
/// <param name="RoundTrip">Milliseconds that each connection and each request takes more.</param>
/// <param name="FaultsPerMille">Requests of a thousand that are answered with 503.</param>
/// <param name="IsAway">Whether all are.</param>
internal sealed record Conditions(long BytesPerSecond = 0, int RoundTrip = 0, int FaultsPerMille = 0, bool IsAway = false);

/// <summary>The store server in a process of its own, and what the benchmark asks of it. What is in the bucket is learned here, never from a
/// contender.</summary>
internal sealed class StoreProcess : IDisposable
{
    /// <summary>Among the counts: bytes of all bodies that came.</summary>
    public const string Received = "received";

    private readonly Process _process;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private StoreProcess(Process process, int port)
    {
        _process = process;
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
    }

    /// <summary>Its URL.</summary>
    public string Endpoint { get; }

    public static StoreProcess Start(string folder)
    {
        var portFile = Path.Combine(folder, "port");
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve", portFile]))!;
        while (!File.Exists(portFile))
        {
            if (process.HasExited) throw new InvalidOperationException("the store server ended");
            Thread.Sleep(10);
        }

        return new StoreProcess(process, int.Parse(File.ReadAllText(portFile), CultureInfo.InvariantCulture));
    }

    public Task SetAsync(Conditions conditions) => AskAsync(string.Create(CultureInfo.InvariantCulture,
        $"settings?bytesPerSecond={conditions.BytesPerSecond}&roundTrip={conditions.RoundTrip}&faultsPerMille={conditions.FaultsPerMille}&away={(conditions.IsAway ? 1 : 0)}"));

    /// <summary>Puts objects named by number below a prefix.</summary>
    public Task FillAsync(string bucket, string prefix, int files, long size) =>
        AskAsync(string.Create(CultureInfo.InvariantCulture, $"fill?bucket={bucket}&prefix={prefix}&files={files}&size={size}"));

    /// <summary>Returns when so many files with so many bytes in all are below a prefix, folders not counted.</summary>
    public async Task AwaitAsync(string bucket, string prefix, long files, long bytes, TimeSpan patience)
    {
        using var answer = await _http.GetAsync(Url(string.Create(CultureInfo.InvariantCulture,
            $"await?bucket={bucket}&prefix={prefix}&files={files}&bytes={bytes}&patience={(long)patience.TotalMilliseconds}")));
        if (answer.StatusCode == HttpStatusCode.OK) return;
        var tally = await _http.GetFromJsonAsync<Dictionary<string, long>>(Url($"tally?bucket={bucket}&prefix={prefix}"));
        throw new TimeoutException($"{tally!["files"]} of {files} files and {tally["bytes"]} of {bytes} bytes are in the bucket after {patience.TotalSeconds} s");
    }

    /// <summary>Requests by operation since the server's start, and <see cref="Received"/>.</summary>
    public async Task<Dictionary<string, long>> CountsAsync() => (await _http.GetFromJsonAsync<Dictionary<string, long>>(Url("counts")))!;

    /// <summary>The ETag of an object; empty without one.</summary>
    public Task<string> ETagAsync(string bucket, string key) => _http.GetStringAsync(Url($"etag?bucket={bucket}&key={key}"));

    /// <summary>Forgets a bucket.</summary>
    public Task DropAsync(string bucket) => AskAsync($"drop?bucket={bucket}");

    public void Dispose()
    {
        _http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private Uri Url(string command) => new($"{Endpoint}/-/{command}");

    private async Task AskAsync(string command)
    {
        using var answer = await _http.GetAsync(Url(command));
        answer.EnsureSuccessStatusCode();
    }
}
