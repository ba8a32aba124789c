using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>Describes the API as an OpenAPI document, made of the routes themselves and of the types that they send.</summary>
internal static class OpenApi
{
    /// <summary>Where the document is.</summary>
    public const string Path = "/v1/openapi.json";

    private const string Json = "application/json";

    /// <summary>Types that no answer holds: the data of events.</summary>
    private static readonly IReadOnlyList<JsonTypeInfo> EventTypes = [ControlJson.Default.FileReport, ControlJson.Default.DoneEvent];

    /// <summary>The document.</summary>
    public static JsonObject Describe(IEnumerable<ApiRoute> routes)
    {
        var schemas = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var type in EventTypes) Reference(type, schemas);
        var paths = new JsonObject();
        foreach (var path in routes.GroupBy(route => route.Path, StringComparer.Ordinal).OrderBy(path => path.Key, StringComparer.Ordinal))
        {
            paths[path.Key] = new JsonObject(path.OrderBy(route => route.Method, StringComparer.Ordinal)
                .Select(route => KeyValuePair.Create<string, JsonNode?>(route.Method.ToLowerInvariant(), Describe(route, schemas))));
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "SyncAgent",
                ["version"] = StatusSnapshot.CurrentApiVersion.ToString(CultureInfo.InvariantCulture),
                ["description"] = "The agent of a state folder, on a random port of the loopback address. Port and token stand in agent.json of the state folder, "
                    + "which only its owner may read. Show the token only to a server that has proved by /v1/hello that it knows it. Within version 1, routes and "
                    + "fields are added and none changes its meaning. Fields without a value are left out.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject
            {
                ["url"] = "http://127.0.0.1:{port}",
                ["variables"] = new JsonObject { ["port"] = new JsonObject { ["default"] = "0" } },
            }),
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }, new JsonObject { ["page"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(schemas),
                ["securitySchemes"] = new JsonObject
                {
                    ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                    ["page"] = new JsonObject
                    {
                        ["type"] = "apiKey",
                        ["in"] = "cookie",
                        ["name"] = PageAccess.CookieName,
                        ["description"] = $"Below the path of the page's session only. Requests that change something carry their Origin and {PageGate.OwnHeader}: 1.",
                    },
                },
            },
        };
    }

    private static JsonObject Describe(ApiRoute route, SortedDictionary<string, JsonNode?> schemas)
    {
        var operation = new JsonObject { ["summary"] = route.Summary };
        if (route.IsPublic) operation["security"] = new JsonArray();
        if (route.Parameters.Count > 0) operation["parameters"] = new JsonArray([.. route.Parameters.Select(Describe)]);
        if (route.Body is { } body) operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(Json, Reference(body(), schemas)) };
        var answer = new JsonObject { ["description"] = "It is done." };
        if (route.Gives is { } gives) answer["content"] = Content(Json, Reference(gives(), schemas));
        else if (route.MediaType is { } media) answer["content"] = Content(media, new JsonObject { ["type"] = media == Json ? "object" : "string" });
        operation["responses"] = new JsonObject
        {
            ["2XX"] = answer,
            ["default"] = new JsonObject { ["description"] = "It is not done, and why.", ["content"] = Content(Json, Reference(ControlJson.Default.ErrorAnswer, schemas)) },
        };
        return operation;
    }

    private static JsonObject Describe(ApiParameter parameter) => new()
    {
        ["name"] = parameter.Name,
        ["in"] = "query",
        ["required"] = parameter.IsRequired,
        ["description"] = parameter.Summary,
        ["schema"] = new JsonObject { ["type"] = parameter.Type },
    };

    private static JsonObject Content(string media, JsonNode schema) => new() { [media] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Reference(JsonTypeInfo type, SortedDictionary<string, JsonNode?> schemas)
    {
        var name = type.Type.Name;
        var place = $"#/components/schemas/{name}";
        if (!schemas.ContainsKey(name))
        {
            var schema = type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });
            Move(schema, place);
            schemas[name] = schema;
        }

        return new JsonObject { ["$ref"] = place };
    }

    // What refers to a place in its own schema refers to a place in the document.
    private static void Move(JsonNode? node, string place)
    {
        foreach (var child in (node as JsonObject)?.Select(field => field.Value).ToList() ?? (node as JsonArray)?.ToList() ?? []) Move(child, place);
        if (node is JsonObject owner && owner["$ref"] is JsonValue reference) owner["$ref"] = place + reference.GetValue<string>().TrimStart('#');
    }
}
