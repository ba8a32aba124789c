using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SyncAgent.DevStore;

/// <summary>Fills in the placeholders of a callback's body: URL-encoded in a form, as JSON values (with their quotes) in JSON.</summary>
internal static partial class CallbackBody
{
    [GeneratedRegex(@"\$\{([^}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder { get; }

    public static string Fill(CallbackRequest callback, ObjectRecord item, string operation) => Placeholder.Replace(callback.Body, match =>
    {
        string name = match.Groups[1].Value;
        string value = ValueOf(name, callback, item, operation);
        if (callback.BodyType == CallbackRequest.FormType) return PercentEncoding.Encode(value);
        return name == "size" ? value : JsonSerializer.Serialize(value);
    });

    /// <summary>Empty for what is not known, as the image variables of what is no image.</summary>
    private static string ValueOf(string name, CallbackRequest callback, ObjectRecord item, string operation) => name switch
    {
        "bucket" => item.Bucket,
        "object" => item.Key,
        "etag" => item.ETag,
        "size" => item.Size.ToString(CultureInfo.InvariantCulture),
        "mimeType" => item.Attributes.ContentType,
        "crc64" => item.Crc?.ToString(CultureInfo.InvariantCulture) ?? "",
        "contentMd5" => item.ContentMd5 ?? "",
        "operation" => operation,
        _ => callback.Variables.GetValueOrDefault(name, ""),
    };
}
