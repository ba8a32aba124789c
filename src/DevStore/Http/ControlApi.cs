using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace SyncAgent.DevStore;

/// <summary>The fault plan as JSON.</summary>
internal sealed record FaultDocument
{
    public long ServerBytesPerSecond { get; init; }

    public IReadOnlyList<FaultRule> Rules { get; init; } = [];

    /// <summary>Hits of each rule, in the same order; ignored in what a client sends.</summary>
    public IReadOnlyList<int> Hits { get; init; } = [];
}

/// <summary>
/// Fault plan, log and gauges for tests that run the server as another process: <c>GET|PUT|POST|DELETE /-/devstore/faults</c>
/// (PUT replaces, POST adds), <c>GET|DELETE /-/devstore/log</c>, <c>GET /-/devstore/gauges</c>. The header
/// <c>x-devstore-token</c> carries <see cref="DevStoreOptions.ControlToken"/>; without that option there is only 404.
/// A hyphen is no bucket name, so the path cannot clash with an object's.
/// </summary>
internal sealed class ControlApi(string? token, FaultPlan faults, RequestLog log, Catalog catalog)
{
    public const string TokenHeader = "x-devstore-token";
    private const string Root = "/-/devstore/";

    public bool Claims(HttpContext http) => http.Request.Path.StartsWithSegments(Root.TrimEnd('/'), StringComparison.Ordinal);

    public async Task HandleAsync(HttpContext http)
    {
        if (token is null)
        {
            http.Response.StatusCode = 404;
            return;
        }

        byte[] given = Encoding.UTF8.GetBytes(http.Request.Headers[TokenHeader].ToString());
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), given))
        {
            http.Response.StatusCode = 403;
            return;
        }

        try
        {
            await RouteAsync(http);
        }
        catch (JsonException e)
        {
            http.Response.StatusCode = 400;
            await http.Response.WriteAsync(e.Message);
        }
    }

    private async Task RouteAsync(HttpContext http)
    {
        switch (http.Request.Method, http.Request.Path.Value![Root.Length..])
        {
            case ("GET", "faults"):
                await SendAsync(http, Describe(), ControlJson.Default.FaultDocument);
                break;
            case ("PUT", "faults"):
                FaultDocument whole = await ReadAsync(http);
                faults.Clear();
                Add(whole);
                faults.ServerBytesPerSecond = whole.ServerBytesPerSecond;
                break;
            case ("POST", "faults"):
                Add(await ReadAsync(http));
                break;
            case ("DELETE", "faults"):
                faults.Clear();
                break;
            case ("GET", "log"):
                await SendAsync(http, log.Entries, ControlJson.Default.IReadOnlyListRequestLogEntry);
                break;
            case ("DELETE", "log"):
                log.Clear();
                break;
            case ("GET", "gauges"):
                await SendAsync(http, catalog.Read(log.Gauges), ControlJson.Default.DevStoreGauges);
                break;
            default:
                http.Response.StatusCode = 404;
                break;
        }
    }

    private FaultDocument Describe()
    {
        IReadOnlyList<PlannedFault> rules = faults.Rules;
        return new FaultDocument
        {
            ServerBytesPerSecond = faults.ServerBytesPerSecond,
            Rules = [.. rules.Select(r => r.Rule)],
            Hits = [.. rules.Select(r => r.Hits)],
        };
    }

    private void Add(FaultDocument document)
    {
        foreach (FaultRule rule in document.Rules) faults.Add(rule);
    }

    private static async Task<FaultDocument> ReadAsync(HttpContext http) =>
        await JsonSerializer.DeserializeAsync(http.Request.Body, ControlJson.Default.FaultDocument) ?? throw new JsonException("Empty.");

    private static async Task SendAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, value, type);
    }
}
