using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>One request as the store's log tells it.</summary>
internal sealed record StoreRequest(
    long Sequence, DateTimeOffset Time, string Operation, string? Key, string? UploadId, int? PartNumber, int Status, string? Code, bool Replied,
    long BytesIn, long BytesOut)
{
    /// <summary>Whether the client has been told that it was done.</summary>
    public bool Succeeded => Replied && Status is >= 200 and < 300;
}

/// <summary>Gauges of the store that tests look at.</summary>
internal sealed record StoreGauges(int ActiveRequests, int OpenUploads);

/// <summary><c>syncagent dev-store</c> as a process, with its control API.</summary>
internal sealed class DevStoreProcess : IAsyncDisposable
{
    public const string Bucket = "demo";
    private const string ControlToken = "end-to-end";
    private const string Greeting = "dev-store listens at ";

    private readonly string _root;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly HttpClient _control = new();
    private Process? _process;
    private Task<string>? _errors;

    private DevStoreProcess(string root, IReadOnlyDictionary<string, string> environment)
    {
        _root = root;
        _environment = new Dictionary<string, string>(environment) { ["SYNCAGENT_DEVSTORE_TOKEN"] = ControlToken };
        _control.DefaultRequestHeaders.Add("x-devstore-token", ControlToken);
    }

    /// <summary>The same for the store's whole life, deaths included.</summary>
    public Uri Endpoint { get; private set; } = new("http://127.0.0.1:0");

    public bool IsRunning => _process is not null;

    public static async Task<DevStoreProcess> StartAsync(string root, IReadOnlyDictionary<string, string> environment)
    {
        var store = new DevStoreProcess(root, environment);
        await store.StartAsync();
        return store;
    }

    /// <summary>Starts the store, again after a kill. Its log begins anew.</summary>
    public async Task StartAsync()
    {
        _process = Command.Start(
            Places.Program, ["dev-store", "--root", _root, "--port", $"{Endpoint.Port}", "--bucket", Bucket], _environment);
        _errors = _process.StandardError.ReadToEndAsync();
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Poll.Patience);
        if (line?.StartsWith(Greeting, StringComparison.Ordinal) != true) throw new InvalidOperationException($"dev-store: {line} {await _errors.WaitAsync(Poll.Patience)}");
        Endpoint = new Uri(line[Greeting.Length..line.IndexOf(',', StringComparison.Ordinal)]);
    }

    /// <summary>kill -9: the store is away.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(Poll.Patience);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Sends a signal: STOP has it stand still with its connections open, CONT go on.</summary>
    public async Task SignalAsync(string signal) => (await Command.RunAsync("kill", [$"-{signal}", $"{_process!.Id}"], _environment)).Expect(0);

    /// <summary>Limits all requests together; 0 lifts the limit. Other faults go.</summary>
    public Task LimitAsync(long bytesPerSecond) => SendAsync(HttpMethod.Put, new { ServerBytesPerSecond = bytesPerSecond });

    /// <summary>Adds a fault, in the words of DevStore's fault plan.</summary>
    public Task AddFaultAsync(object rule) => SendAsync(HttpMethod.Post, new { Rules = new[] { rule } });

    /// <summary>Takes all faults and limits away.</summary>
    public Task ClearFaultsAsync() => SendAsync(HttpMethod.Delete, null);

    /// <summary>Requests that have ended, in the order in which they did.</summary>
    public async Task<IReadOnlyList<StoreRequest>> LogAsync() =>
        (await _control.GetFromJsonAsync<List<StoreRequest>>(ControlUri("log"), JsonSerializerOptions.Web))!;

    /// <summary>What is going on.</summary>
    public async Task<StoreGauges> GaugesAsync() =>
        (await _control.GetFromJsonAsync<StoreGauges>(ControlUri("gauges"), JsonSerializerOptions.Web))!;

    /// <summary>The log as soon as so many bytes of parts have arrived and been acknowledged.</summary>
    public Task<IReadOnlyList<StoreRequest>> PartsArrivedAsync(long bytes) => Poll.UntilAsync(
        LogAsync, log => Parts(log).Where(part => part.Succeeded).Sum(part => part.BytesIn) >= bytes, $"{bytes} bytes of parts in the store");

    /// <summary>The log as soon as nothing runs any more: what a killed client had begun is logged when its connection is noticed to be gone.</summary>
    public async Task<IReadOnlyList<StoreRequest>> QuietLogAsync()
    {
        await Poll.UntilAsync(GaugesAsync, gauges => gauges.ActiveRequests == 0, "no requests running in the store");
        return await LogAsync();
    }

    /// <summary>The UploadPart calls of a log.</summary>
    public static IEnumerable<StoreRequest> Parts(IEnumerable<StoreRequest> log) => log.Where(request => request.Operation == "UploadPart");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
        _control.Dispose();
    }

    private Uri ControlUri(string what) => new(Endpoint, $"/-/devstore/{what}");

    private async Task SendAsync(HttpMethod method, object? faults)
    {
        using var request = new HttpRequestMessage(method, ControlUri("faults")) { Content = faults is null ? null : JsonContent.Create(faults, options: JsonSerializerOptions.Web) };
        using var answer = await _control.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
