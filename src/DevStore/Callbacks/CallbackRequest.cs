using System.Text;
using System.Text.Json;

namespace SyncAgent.DevStore;

/// <summary>What an upload says about the call that is to follow it. Source: the OSS documentation's "Callback".</summary>
internal sealed record CallbackRequest(IReadOnlyList<string> Urls, string? Host, string Body, string BodyType, IReadOnlyDictionary<string, string> Variables)
{
    public const string FormType = "application/x-www-form-urlencoded";
    public const string JsonType = "application/json";
    private const int MaxUrls = 5;
    private const int MaxEncoded = 5 << 10;

    /// <summary>Null for an upload without a callback.</summary>
    /// <exception cref="OssException">400, before anything is stored.</exception>
    public static CallbackRequest? Of(OssRequest request)
    {
        // A signed URL carries them as parameters.
        string? callback = request.Header("x-oss-callback") ?? request.Parameter("callback");
        string? variables = request.Header("x-oss-callback-var") ?? request.Parameter("callback-var");
        if (string.IsNullOrEmpty(callback)) return null;
        Dictionary<string, string> fields = Decode("callback", callback);
        string body = fields.GetValueOrDefault("callbackBody") is { Length: > 0 } text ? text : throw Invalid("The callback has no callbackBody.");
        string type = fields.GetValueOrDefault("callbackBodyType", FormType);
        if (type is not (FormType or JsonType)) throw Invalid($"callbackBodyType is {FormType} or {JsonType}.");
        string[] urls = fields.GetValueOrDefault("callbackUrl", "").Split(';', StringSplitOptions.RemoveEmptyEntries);
        if (urls.Length is 0 or > MaxUrls) throw Invalid($"callbackUrl has 1 to {MaxUrls} URLs.");
        Dictionary<string, string> own = string.IsNullOrEmpty(variables) ? [] : Decode("callback-var", variables);
        if (own.Keys.FirstOrDefault(name => !name.StartsWith("x:", StringComparison.Ordinal) || name.Any(char.IsAsciiLetterUpper)) is { } wrong)
            throw Invalid($"The variable {wrong} does not begin with x: or is not in lower case.");
        return new CallbackRequest(urls, fields.GetValueOrDefault("callbackHost"), body, type, own);
    }

    private static Dictionary<string, string> Decode(string name, string encoded)
    {
        if (encoded.Length > MaxEncoded) throw Invalid($"{name} is longer than {MaxEncoded} characters.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(Convert.FromBase64String(encoded));
            return document.RootElement.EnumerateObject().ToDictionary(
                p => p.Name, p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText());
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or ArgumentException or DecoderFallbackException)
        {
            throw Invalid($"The {name} configuration is not base64 of a JSON object.");
        }
    }

    private static OssException Invalid(string message) => OssErrors.InvalidArgument(message);
}
