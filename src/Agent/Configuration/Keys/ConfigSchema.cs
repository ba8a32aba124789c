using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>The JSON Schema (draft 7, which editors know) of the configuration file, written from the declarations by which it is read.</summary>
internal static class ConfigSchema
{
    private const string Definitions = "definitions";

    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as text.</summary>
    public static string Render()
    {
        var definitions = new JsonObject();
        foreach (var group in AgentKeys.Group.WithAllBelow().Skip(1)) definitions[group.Anchor] = Of(group);
        var schema = Of(AgentKeys.Group);
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        schema.Insert(1, "title", "Configuration of SyncAgent");
        schema[Definitions] = definitions;
        return schema.ToJsonString(Layout) + "\n";
    }

    /// <summary>A section of a group.</summary>
    public static JsonObject Refer(ConfigGroup group) => new() { ["$ref"] = $"#/{Definitions}/{group.Anchor}" };

    /// <summary>Text; one of some words, unless there are none.</summary>
    public static JsonObject Text(IReadOnlyList<string> words) =>
        words.Count == 0 ? new JsonObject { ["type"] = "string" } : new JsonObject { ["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]) };

    private static JsonObject Of(ConfigGroup group)
    {
        var properties = new JsonObject();
        foreach (var key in group.Keys)
        {
            var property = key.ToSchema();
            property["description"] = key.Help;
            properties[key.Name] = property;
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. group.Keys.Where(key => key.Required).Select(key => JsonValue.Create(key.Name))]),
            ["additionalProperties"] = false,
        };
    }
}
