using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>A request for a route: only what the route declares can be read of it.</summary>
/// <param name="context">The request.</param>
/// <param name="route">Its route.</param>
internal sealed class ApiRequest(HttpContext context, ApiRoute route)
{
    /// <summary>The request itself.</summary>
    public HttpContext Context => context;

    /// <summary>Ends when the client has gone.</summary>
    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>A parameter, or null when it is not there or empty.</summary>
    public string? Text(string name)
    {
        if (route.Parameters.All(parameter => parameter.Name != name)) throw new InvalidOperationException($"{route.Path} does not declare the parameter {name}");
        return context.Request.Query[name] is [{ Length: > 0 } given] ? given : null;
    }

    /// <summary>A parameter that must be there.</summary>
    public string Needed(string name) => Text(name) ?? throw new BadHttpRequestException($"{name}: not given.");

    /// <summary>Whether a parameter says yes.</summary>
    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new BadHttpRequestException($"{name}: expected true or false."),
    };

    /// <summary>A count from <paramref name="least"/> to <paramref name="most"/>; more than that is that.</summary>
    public int Count(string name, int otherwise, int most, int least = 1)
    {
        if (Text(name) is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= least
            ? Math.Min(count, most)
            : throw new BadHttpRequestException(string.Create(CultureInfo.InvariantCulture, $"{name}: expected a number from {least} to {most}."));
    }

    /// <summary>A time in seconds, or null when it is not there.</summary>
    public TimeSpan? Seconds(string name)
    {
        const double Most = 1e9;
        if (Text(name) is not { } text) return null;
        return double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, Most))
            : throw new BadHttpRequestException($"{name}: expected seconds.");
    }

    /// <summary>The body.</summary>
    public async Task<T> ReadAsync<T>(JsonTypeInfo<T> type)
    {
        if (route.Body?.Invoke() != type) throw new InvalidOperationException($"{route.Path} does not declare the body {type.Type.Name}");
        return await JsonSerializer.DeserializeAsync(context.Request.Body, type, Aborted) ?? throw new JsonException("the body is empty.");
    }

    /// <summary>Answers with what the route declares.</summary>
    public Task ReplyAsync<T>(T value, JsonTypeInfo<T> type)
    {
        if (route.Gives?.Invoke() != type) throw new InvalidOperationException($"{route.Path} does not declare the answer {type.Type.Name}");
        return ReplyAsync(context, value, type);
    }

    /// <summary>Sends a value as JSON.</summary>
    public static Task ReplyAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }
}
