using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

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
/// <c>x-devstore-token</c> carries <see cref="DevStoreOptions.ControlToken"/>; without that option there is no such API.
/// A hyphen is no bucket name, so a path-style request never means an object by it.
/// </summary>
internal sealed class ControlApi(string? token, IReadOnlyDictionary<string, string> cnames, FaultPlan faults, RequestLog log, Catalog catalog)
{
    public const string TokenHeader = "x-devstore-token";
    private const string Root = "/-/devstore/";

    /// <summary>By reflection: generated code would lose the defaults of a rule's init-only properties.</summary>
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Only without a bucket in the host name, where the path would be an object's name.</summary>
    public bool Claims(HttpContext http) =>
        token is not null
        && http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.StartsWith(Root, StringComparison.Ordinal)
        && RequestParser.BucketOfHost(http.Request.Host.Host, cnames) is null;

    public async Task HandleAsync(HttpContext http)
    {
        byte[] given = Encoding.UTF8.GetBytes(http.Request.Headers[TokenHeader].ToString());
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token!), given))
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
                await SendAsync(http, Describe());
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
                await SendAsync(http, log.Entries);
                break;
            case ("DELETE", "log"):
                log.Clear();
                break;
            case ("GET", "gauges"):
                await SendAsync(http, catalog.Read(log.Gauges));
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
        await JsonSerializer.DeserializeAsync<FaultDocument>(http.Request.Body, Json) ?? throw new JsonException("Empty.");

    private static async Task SendAsync<T>(HttpContext http, T value)
    {
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, value, Json);
    }
}
