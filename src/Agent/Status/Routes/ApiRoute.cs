using System.Text.Json.Serialization.Metadata;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>One thing that the API does, with what its description says of it: the document at <c>/v1/openapi.json</c> is made of these.</summary>
/// <param name="Method">GET, POST, PUT or DELETE.</param>
/// <param name="Path">Path, without parameters.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Answer">Does it.</param>
internal sealed record ApiRoute(string Method, string Path, string Summary, Func<ApiRequest, Task> Answer)
{
    /// <summary>Its query parameters. Others are not read.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>What the request's body holds, or null when it has none. Asked for when it is needed: to know all types of the API takes a third of a second.</summary>
    public Func<JsonTypeInfo>? Body { get; init; }

    /// <summary>What the answer holds, or null when it is not JSON or empty.</summary>
    public Func<JsonTypeInfo>? Gives { get; init; }

    /// <summary>Media type of an answer that is not JSON.</summary>
    public string? MediaType { get; init; }

    /// <summary>Whether it is answered without a token or cookie.</summary>
    public bool IsPublic { get; init; }
}

/// <summary>A query parameter.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Type">"string", "integer", "number" or "boolean".</param>
/// <param name="IsRequired">Whether a request without it is refused.</param>
internal sealed record ApiParameter(string Name, string Summary, string Type = "string", bool IsRequired = false)
{
    /// <summary>The path of a file or folder in a drive.</summary>
    public static readonly ApiParameter Path = new("path", "Absolute path in a mounted drive.");

    /// <summary>The same, and needed.</summary>
    public static readonly ApiParameter NeededPath = Path with { IsRequired = true };

    /// <summary>A drive.</summary>
    public static readonly ApiParameter Mount = new("mount", "Mount point of one drive; all drives without it.");
}
