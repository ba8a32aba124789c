using System.Text.Json;
using System.Text.Json.Nodes;

namespace SyncAgent.Agent.Repair;

/// <summary>JSON for a support file: numbers, flags and the values of a few harmless properties stay, all other text is redacted.</summary>
/// <param name="redactor">Redacts.</param>
internal sealed class RedactedJson(Redactor redactor)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Properties whose text is a word of ours, a time, a size or a rate.</summary>
    private static readonly HashSet<string> Plain = new(StringComparer.Ordinal)
    {
        "version", "started", "since", "nextChange", "store", "region", "addressing", "conditionalWrites", "source", "checksum", "owners", "level", "acl", "storageClass",
        "partSize", "multipartThreshold", "cacheSize", "readCacheSize", "stagingReserve", "upload", "download", "from", "to", "days",
    };

    /// <summary>Properties whose text goes altogether: what they hold is a secret, or may be.</summary>
    private static readonly HashSet<string> Secret = new(StringComparer.OrdinalIgnoreCase)
    {
        "command", "externalId", "policy", "token", "secret", "password", "callback", "headers", "metadata",
    };

    private const string Command = "process:";

    /// <summary>Redacts a document; null when it is none.</summary>
    public string? Redact(string json)
    {
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            return Redact(JsonNode.Parse(json, documentOptions: options), null)?.ToJsonString(Indented);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private JsonNode? Redact(JsonNode? node, string? property)
    {
        if (property is not null && Secret.Contains(property)) return "***";
        switch (node)
        {
            case JsonObject section:
                var kept = new JsonObject();
                // Names of properties may be made by users too: files by state are not, tags and metadata are.
                foreach (var (name, value) in section) kept[redactor.Text(name)] = Redact(value, name);
                return kept;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => Redact(item, property))]);
            case JsonValue value when value.TryGetValue<string>(out var text):
                // The short form of a source of keys: a command may have a password in it.
                if (text.StartsWith(Command, StringComparison.Ordinal)) return Command + "***";
                return property is not null && Plain.Contains(property) ? redactor.Secrets(text) : redactor.Text(text);
            default:
                return node?.DeepClone();
        }
    }
}
